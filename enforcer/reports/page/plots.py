"""A target's timeline as shapes: where bars, lines and ticks stand, in the units of the drawing.

Knows no colour and no markup: the page draws what is said here.
"""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from enforcer.model.report.target import Bin, TargetReport, Timeline
from enforcer.reports.amounts import counted, duration

WIDTH = 900.0
LEFT, RIGHT = 44.0, 8.0
"""Room for the labels of the axis, and for half of the last label below."""
_FEWEST = 16
"""Columns that the width is made for at least, so that a run of two seconds has no bars as broad as a hand."""
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14_400, 43_200)
_TICKS = 8


class Tick(Struct, frozen=True, kw_only=True):
    at: float
    label: str


class Panel(Struct, frozen=True, kw_only=True):
    """One of the drawings that stand above each other and share the time below them."""

    top: float
    height: float
    ceiling: float
    """The value at the top; the bottom is 0."""

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def y(self, value: float) -> float:
        return round(self.bottom - self.height * min(value / self.ceiling, 1.0), 2)

    def ticks(self) -> Iterator[Tick]:
        for part in (0.0, 0.5, 1.0):
            value = self.ceiling * part
            yield Tick(at=self.y(value), label=f"{value:,.4g}")


class Column(Struct, frozen=True, kw_only=True):
    """One bin as drawn."""

    x: float
    width: float
    y: float
    height: float
    paused: float
    """The width of the pause in it, from *x*."""
    throttled: int
    says: str


class Plot(Struct, frozen=True, kw_only=True):
    target: TargetReport
    timeline: Timeline
    starts: Panel
    latency: Panel
    columns: tuple[Column, ...]
    limit: float | None
    """Where the line of the rate asked for stands; None: unlimited."""
    p50: str
    p95: str
    """Paths."""
    ticks: tuple[Tick, ...]
    says: str
    """The plot in a sentence or two."""


def plot(target: TargetReport) -> Plot | None:
    """Return the plot of *target*; None if no PUT was started."""
    timeline = target.timeline
    if timeline is None:
        return None
    limit = target.rate.asked_per_s
    bins = timeline.bins
    highest = max([each.puts / timeline.bin_s for each in bins] + ([limit] if limit else []))
    slowest = max([each.latency_ms.p95 or 0.0 for each in bins])
    starts = Panel(top=22, height=122, ceiling=nice(highest * 1.1))
    latency = Panel(top=176, height=70, ceiling=nice(slowest * 1.1))
    column = (WIDTH - LEFT - RIGHT) / max(len(bins), _FEWEST)
    return Plot(
        target=target,
        timeline=timeline,
        starts=starts,
        latency=latency,
        columns=tuple(_columns(timeline, starts, column)),
        limit=starts.y(limit) if limit else None,
        p50=_path([each.latency_ms.p50 for each in bins], latency, column),
        p95=_path([each.latency_ms.p95 for each in bins], latency, column),
        ticks=tuple(_ticks(timeline, column)),
        says=_sentence(target, timeline),
    )


def _columns(timeline: Timeline, panel: Panel, width: float) -> Iterator[Column]:
    for number, each in enumerate(timeline.bins):
        y = panel.y(each.puts / timeline.bin_s)
        yield Column(
            x=round(LEFT + number * width, 2),
            width=round(max(width - 1, width * 0.7), 2),
            y=y,
            height=round(panel.bottom - y, 2),
            paused=round(width * min(each.paused_s / timeline.bin_s, 1.0), 2),
            throttled=each.throttled,
            says=_says(timeline, number, each),
        )


def since(timeline: Timeline, number: int) -> str:
    """Return when bin *number* begins, counted from the start of the run."""
    return _moment(timeline.begins_s + number * timeline.bin_s)


def _moment(seconds: float) -> str:
    """Return *seconds* into the run as a duration, or as a clock where that would leave the seconds out."""
    whole = round(seconds)
    if whole < 3600 or whole % 60 == 0:
        return duration(seconds)
    return f"{whole // 3600}:{whole % 3600 // 60:02}:{whole % 60:02}"


def _says(timeline: Timeline, number: int, each: Bin) -> str:
    said = [f"from {since(timeline, number)} on", f"{counted(each.puts, 'PUT')} started"]
    if each.throttled:
        said.append(f'{counted(each.throttled, "answer")} said "slow down"')
    if each.latency_ms.p50 is not None:
        said.append(f"half answered within {each.latency_ms.p50:.4g} ms")
    return ", ".join(said)


def _path(values: Sequence[float | None], panel: Panel, width: float) -> str:
    """Return an SVG path through the middle of each column with a value, broken where there is none."""
    pieces: list[str] = []
    for number, value in enumerate(values):
        if value is None:
            continue
        x, y = round(LEFT + (number + 0.5) * width, 2), panel.y(value)
        if number and values[number - 1] is not None:
            pieces.append(f"L{x:g} {y:g}")
        elif values[number + 1 : number + 2] in ([], [None]):
            pieces.append(f"M{x - 3:g} {y:g}h6")  # alone: a line needs two points to be seen
        else:
            pieces.append(f"M{x:g} {y:g}")
    return "".join(pieces)


def _ticks(timeline: Timeline, width: float) -> Iterator[Tick]:
    length = timeline.bin_s * max(len(timeline.bins), _FEWEST)
    step = next((each for each in _STEPS_S if length / each <= _TICKS), _STEPS_S[-1])
    while length / step > _TICKS:
        step *= 2
    at = -(-timeline.begins_s // step) * step
    while (x := LEFT + (at - timeline.begins_s) / timeline.bin_s * width) <= WIDTH - RIGHT:
        yield Tick(at=round(x, 2), label=_moment(at))
        at += step


def nice(value: float) -> float:
    """Return the next tidy number that is not below *value* and whose half is tidy too; 1 for nothing."""
    if value <= 1:
        return 1.0
    scale = 1.0
    while scale * 10 < value:
        scale *= 10
    return scale * next(step for step in (1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10) if step * scale >= value)


def _sentence(target: TargetReport, timeline: Timeline) -> str:
    bins = timeline.bins
    most = max(each.puts for each in bins)
    said = [
        f"{counted(sum(each.puts for each in bins), 'PUT')} started in"
        f" {duration(len(bins) * timeline.bin_s)}, at most {most / timeline.bin_s:,.3g} a second"
        + (f", against a limit of {target.rate.asked_per_s:,.3g} a second." if target.rate.asked_per_s else ".")
    ]
    throttled = sum(each.throttled for each in bins)
    if throttled:
        said.append(f'{counted(throttled, "answer")} said "slow down".')
    return " ".join(said)
