"""Figures as Markdown tables, one a case, which a terminal shows as well; and as plain data for JSON."""

import statistics
from collections.abc import Sequence
from itertools import groupby

from tests.bench.figures import Figure, Measure, Role

_HEAD = ("Figure", "Who", "Median", "Min to max", "enforcer ÷ this", "Goal", "")
_VERDICTS = {True: "met", False: "**missed**", None: ""}


def tables(figures: Sequence[Figure], *, level: str) -> str:
    """Return a heading, *level* being its signs, and a table for each case, in the order of the cases."""
    by_case = groupby(figures, key=lambda figure: figure.case)
    return "\n\n".join(f"{level} {case}\n\n{table(list(group))}" for case, group in by_case)


def table(figures: Sequence[Figure]) -> str:
    rows = [_HEAD, *(row for figure in figures for row in _rows(figure))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["| " + " | ".join(map(str.ljust, row, widths)) + " |" for row in rows]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def plain(figure: Figure) -> dict[str, object]:
    """Return *figure* with every single value, for JSON."""
    measures = [
        {
            "who": measure.name,
            "role": measure.role.value,
            "median": measure.median,
            "runs": measure.runs,
            "ratio": None if measure is figure.ours else statistics.median(figure.ratios(measure)),
            "goal": measure.goal.text if measure.goal else None,
            "met": figure.verdict(measure),
        }
        for measure in (figure.ours, *figure.beside)
    ]
    return {"case": figure.case, "what": figure.what, "unit": figure.unit, "measures": measures}


def _rows(figure: Figure) -> list[tuple[str, ...]]:
    what = figure.what if not figure.unit else f"{figure.what}, {figure.unit}"
    return [_row(what if measure is figure.ours else "", figure, measure) for measure in (figure.ours, *figure.beside)]


def _row(what: str, figure: Figure, measure: Measure) -> tuple[str, ...]:
    low, high = measure.spread
    return (
        what,
        measure.name if measure.role is Role.OURS else f"{measure.role}: {measure.name}",
        number(measure.median),
        f"{number(low)} to {number(high)}",
        "" if measure is figure.ours else _ratio(statistics.median(figure.ratios(measure))),
        measure.goal.text if measure.goal else "",
        _VERDICTS[figure.verdict(measure)],
    )


def _ratio(value: float) -> str:
    return f"{number(value)} x" if value >= 0.5 else f"1/{number(1 / value)}"


def number(value: float) -> str:
    """Return *value* with three digits that say something."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
