"""The keys of a freeze window."""

import re
from datetime import UTC, tzinfo
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from enforcer.model.policy import Freeze
from enforcer.model.rule import Origin
from enforcer.model.task import ResumeMode
from enforcer.policyfile import words
from enforcer.policyfile.problems import Place, listed, quoted, suggestion
from enforcer.policyfile.readers import Field, OneOrMany, Record, Word

_WEEK: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_DAYS: Final = rf"(?:{'|'.join(_WEEK)})(?:-(?:{'|'.join(_WEEK)}))?"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_ZONE: Final = r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}"
_DIRECTIONS: Final = {f"to_{mode}": mode for mode in ResumeMode}


def _days(text: str) -> frozenset[int]:
    if not re.fullmatch(_DAYS, text):
        raise ValueError(f"{quoted(text)} is no day; expected {DAYS.what}{suggestion(text, _WEEK)}")
    first, _, last = text.partition("-")
    begin, end = _WEEK.index(first), _WEEK.index(last or first)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _clock(text: str) -> int:
    if not re.fullmatch(_CLOCK, text):
        raise ValueError(f"{quoted(text)} is no time of day; expected {CLOCK.what}")
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _zone(text: str) -> ZoneInfo:
    # The pattern keeps the name from being a path to something else.
    if not re.fullmatch(_ZONE, text):
        raise ValueError(f"{quoted(text)} is no time zone; expected {ZONE.what}")
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(f"unknown time zone {quoted(text)}; expected {ZONE.what}") from None


def _direction(text: str) -> ResumeMode:
    if text not in _DIRECTIONS:
        known = list(_DIRECTIONS)
        raise ValueError(f"unknown direction {quoted(text)}; expected {listed(known)}{suggestion(text, known)}")
    return _DIRECTIONS[text]


DAYS: Final = Word(what="a day or a range of days, like Mon or Mon-Fri", parse=_days, json=words.as_string(_DAYS))
CLOCK: Final = Word(
    what="hours and minutes from 00:00 to 24:00, like 08:00", parse=_clock, json=words.as_string(_CLOCK)
)
ZONE: Final = Word(
    what="a name like Europe/Berlin or UTC",
    parse=_zone,
    # A bare true is text like any other: a name that no zone has.
    json={"type": ["string", "boolean"], "pattern": words.whole(_ZONE)},
)
DIRECTION: Final = Word(what=listed(_DIRECTIONS), parse=_direction, json={"enum": list(_DIRECTIONS)})


def _freeze(
    place: Place,
    *,
    days: tuple[frozenset[int], ...] = (frozenset(range(7)),),
    zone: tzinfo = UTC,
    directions: tuple[ResumeMode, ...] = tuple(ResumeMode),
    **values: Any,
) -> Freeze:
    return Freeze(
        days=frozenset().union(*days),
        zone=zone,
        directions=frozenset(directions),
        origin=Origin(file=place.file, line=place.line),
        **values,
    )


FREEZE: Final = Record(
    name="a freeze window",
    build=_freeze,
    fields=(
        Field(
            key="days",
            reader=OneOrMany(item=DAYS),
            about="The days on which it begins, like Mon-Fri or [Sat, Sun]; every day if absent.",
            example="Mon-Fri",
        ),
        Field(
            key="from",
            argument="start",
            reader=CLOCK,
            required=True,
            about="When it begins.",
            example="08:00",
        ),
        Field(
            key="to",
            argument="end",
            reader=CLOCK,
            required=True,
            about="When it ends; if that is not after from, on the next day.",
            example="20:00",
        ),
        Field(
            key="timezone",
            argument="zone",
            reader=ZONE,
            about="Whose clock that is, by its name in the time zone database; UTC if absent.",
            example="Europe/Berlin",
        ),
        Field(
            key="directions",
            reader=OneOrMany(item=DIRECTION),
            about="The changes that wait; both directions if absent.",
            example=["to_auto"],
        ),
        Field(key="reason", reader=words.REASON, about="Why, for people; reports repeat it.", example="business hours"),
    ),
)
