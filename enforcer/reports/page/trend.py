"""The last applies of a policy as shapes: for each number a row of bars, one bar a run, this run's the last.

Knows no colour and no markup: the page draws what is said here.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.report.run import TrendPoint
from enforcer.reports.page.plots import LEFT, RIGHT, WIDTH, Panel, Tick, nice

_FIGURES: Final = (
    ("drift", "not as desired", 84),
    ("changed", "changed", 60),
    ("failed", "failed", 36),
)
"""Each number of a run, what to call it, and how high its row is."""
_GAP: Final = 34
_FEWEST: Final = 20
"""Bars that the width is made for at least."""
_TICKS: Final = 6


class Bar(Struct, frozen=True, kw_only=True):
    x: float
    width: float
    y: float
    height: float


class Row(Struct, frozen=True, kw_only=True):
    """One number of all runs."""

    name: str
    label: str
    panel: Panel
    bars: tuple[Bar, ...]


class Column(Struct, frozen=True, kw_only=True):
    """One run, from top to bottom."""

    x: float
    width: float
    says: str


class Trend(Struct, frozen=True, kw_only=True):
    points: tuple[TrendPoint, ...]
    rows: tuple[Row, ...]
    columns: tuple[Column, ...]
    ticks: tuple[Tick, ...]
    height: float
    says: str
    """The trend in a sentence or two."""


def trend(points: Sequence[TrendPoint]) -> Trend | None:
    """Return the drawing of *points*, the oldest first; None of fewer than two, which are no trend."""
    if len(points) < 2:
        return None
    step = (WIDTH - LEFT - RIGHT) / max(len(points), _FEWEST)
    rows = tuple(_rows(points, step))
    return Trend(
        points=tuple(points),
        rows=rows,
        columns=tuple(
            Column(x=round(LEFT + number * step, 2), width=round(step, 2), says=_says(point))
            for number, point in enumerate(points)
        ),
        ticks=tuple(_ticks(points, step)),
        height=rows[-1].panel.bottom + 26,
        says=_sentence(points),
    )


def moment(point: TrendPoint) -> str:
    """Return when a run began, to the minute: ``2026-11-23 02:15``."""
    return visible(point.started_at, 64)[:16].replace("T", " ")


def _rows(points: Sequence[TrendPoint], step: float) -> Iterator[Row]:
    top = 24.0
    for name, label, height in _FIGURES:
        values = [getattr(point, name) for point in points]
        # Counts, so the ceiling is even: its half stands at the axis too.
        panel = Panel(top=top, height=height, ceiling=max(nice(max(values)), 2.0))
        bars = tuple(
            Bar(
                x=round(LEFT + number * step + step * 0.1, 2),
                width=round(step * 0.8, 2),
                y=panel.y(value),
                height=round(panel.bottom - panel.y(value), 2),
            )
            for number, value in enumerate(values)
        )
        yield Row(name=name, label=label, panel=panel, bars=bars)
        top += height + _GAP


def _ticks(points: Sequence[TrendPoint], step: float) -> Iterator[Tick]:
    """Yield the days below the bars, evenly from the first on, and none so near the end that it would be cut."""
    every = max(1, -(-max(len(points), _FEWEST) // _TICKS))
    for number in range(0, len(points), every):
        at = LEFT + (number + 0.5) * step
        if at + 30 <= WIDTH:
            yield Tick(at=round(at, 2), label=moment(points[number])[5:10])


def _says(point: TrendPoint) -> str:
    counts = f"{point.drift:,} not as desired, {point.changed:,} changed, {point.failed:,} failed"
    return f"{moment(point)}, {visible(point.exit_name, 32)}: {counts}"


def _sentence(points: Sequence[TrendPoint]) -> str:
    drift = [point.drift for point in points]
    return (
        f"{len(points):,} applies from {moment(points[0])[:10]} to {moment(points[-1])[:10]}: tasks that were not as "
        f"desired, {min(drift):,} to {max(drift):,} a run, {drift[-1]:,} in this one; "
        f"{sum(point.changed for point in points):,} changes made and {sum(point.failed for point in points):,} failed "
        "in all of them."
    )
