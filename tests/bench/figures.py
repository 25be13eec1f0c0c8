"""What was measured, as values: one figure is a median with its spread, and perhaps a goal."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound that the median keeps to, or with *worst* every single run. *text* is how a table shows it."""

    text: str
    at_most: float = float("inf")
    at_least: float = float("-inf")
    worst: bool = False

    def is_met(self, runs: Sequence[float]) -> bool:
        judged = runs if self.worst else (statistics.median(runs),)
        return all(self.at_least <= value <= self.at_most for value in judged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    case: str
    what: str
    unit: str
    runs: tuple[float, ...]
    """One value a run, in the order in which they came."""
    goal: Goal | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def verdict(self) -> str:
        if self.goal is None:
            return ""
        return "met" if self.goal.is_met(self.runs) else "MISSED"


def at_most(bound: float, *, worst: bool = False) -> Goal:
    return Goal(text=f"<= {bound:g}", at_most=bound, worst=worst)


def at_least(bound: float) -> Goal:
    return Goal(text=f">= {bound:g}", at_least=bound)


def table(figures: Sequence[Figure]) -> str:
    """Return a Markdown table, its columns in line."""
    rows = [("Case", "Figure", "Median", "Min to max", "Runs", "Unit", "Goal", ""), *map(_cells, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _cells(figure: Figure) -> tuple[str, ...]:
    return (
        figure.case,
        figure.what,
        _number(figure.median),
        f"{_number(min(figure.runs))} to {_number(max(figure.runs))}",
        str(len(figure.runs)),
        figure.unit,
        figure.goal.text if figure.goal else "",
        figure.verdict,
    )


def _number(value: float) -> str:
    """Return *value* with three digits that say something."""
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}" if abs(value) >= 1 else f"{value:.3f}"
