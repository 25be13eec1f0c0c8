"""When changes are frozen, and until when.

A window is a stretch of wall-clock time in a zone. Where that clock skips or repeats an hour, the window is as long as
it can be: no change may slip through because an hour came twice.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from msgspec import Struct

from enforcer.model.policy import Freeze
from enforcer.model.task import ResumeMode

_FOR_EVER = timedelta(days=8)
"""Windows come again every week, so what is frozen for longer than one has no end."""


class Frozen(Struct, frozen=True, kw_only=True):
    """That changes may not go, by which window, and when they may."""

    window: Freeze
    until: datetime | None
    """In the window's zone; None: one window follows upon the other, and there is no such time."""
    since: datetime
    """When this was found, in the window's zone."""

    def __str__(self) -> str:
        """Return ``frozen until 20:00 Europe/Berlin: business hours``."""
        reason = f": {self.window.reason}" if self.window.reason else ""
        if self.until is None:
            return f"frozen at all times{reason}"
        day = "" if self.until.date() == self.since.date() else f"{self.until:%Y-%m-%d} "
        return f"frozen until {day}{self.until:%H:%M} {self.window.zone}{reason}"


def frozen(windows: Iterable[Freeze], direction: ResumeMode, now: datetime) -> Frozen | None:
    """Return what freezes changes in *direction* at *now*, an aware time; None if they may go."""
    matching = [window for window in windows if direction in window.directions]
    active = [(window, end) for window in matching for end in _ends(window, now)]
    if not active:
        return None
    window, end = max(active, key=lambda each: each[1])
    until = _thaw(matching, end, now)
    return Frozen(
        window=window,
        until=None if until is None else until.astimezone(window.zone),
        since=now.astimezone(window.zone),
    )


def _thaw(windows: Iterable[Freeze], end: datetime, now: datetime) -> datetime | None:
    """Return the first time from *end* on at which none of *windows* is active; None if there is none."""
    while end - now < _FOR_EVER:
        later = [each for window in windows for each in _ends(window, end)]
        if not later:
            return end
        end = max(later)
    return None


def _ends(window: Freeze, now: datetime) -> Iterator[datetime]:
    """Yield the end of each stretch of *window* that *now* lies in; its start belongs to it, its end does not."""
    today = now.astimezone(window.zone).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        if day.weekday() not in window.days:
            continue
        begin = min(_instants(day, window.start, window.zone))
        last = day if window.end > window.start else day + timedelta(days=1)
        end = max(_instants(last, window.end, window.zone))
        if begin <= now < end:
            yield end


def _instants(day: date, minutes: int, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return the instants that the clock of *zone* may mean by *minutes* after midnight of *day*; most often the same.

    24:00 is the next day's midnight. An hour that comes twice means both; one that is skipped means the same
    distance from the hour before and from the hour after.
    """
    wall = datetime.combine(day, time(), tzinfo=zone) + timedelta(minutes=minutes)
    return wall.replace(fold=0).astimezone(UTC), wall.replace(fold=1).astimezone(UTC)
