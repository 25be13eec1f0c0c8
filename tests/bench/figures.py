"""What was measured, as values. Nothing here measures, and nothing judges but `Goal`.

A *case* is a group of figures that come from the same rounds. A *figure* is one quantity of it: what the tool takes,
beside what *peers*, which a user could run instead, and *floors*, which nothing of the kind can undercut, take in the
same rounds. Each is a `Measure`: one value a round, told as median and *spread*. The *ratio* is ours divided by theirs,
round by round. A *goal* is a bound: on our own values, or on the ratio to the measure that it stands at.
"""

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    OURS = "enforcer"
    PEER = "peer"
    FLOOR = "floor"


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A bound that the median keeps to, or with *worst* every single value. *text* is how a table shows it."""

    text: str
    at_most: float = float("inf")
    at_least: float = float("-inf")
    worst: bool = False

    def is_met(self, values: Sequence[float]) -> bool:
        judged = values if self.worst else (statistics.median(values),)
        return all(self.at_least <= value <= self.at_most for value in judged)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What one of them took, in the unit of its figure."""

    name: str
    runs: tuple[float, ...]
    """One value a round, in the order in which they came."""
    role: Role
    goal: Goal | None = None

    @property
    def median(self) -> float:
        return statistics.median(self.runs)

    @property
    def spread(self) -> tuple[float, float]:
        return min(self.runs), max(self.runs)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    case: str
    what: str
    unit: str
    ours: Measure
    beside: tuple[Measure, ...] = ()

    def ratios(self, other: Measure) -> tuple[float, ...]:
        """Return our value divided by *other*'s, for each round."""
        return tuple(mine / theirs for mine, theirs in zip(self.ours.runs, other.runs, strict=True))

    def verdict(self, measure: Measure) -> bool | None:
        """Return whether the goal at *measure* is met; None if there is none."""
        if measure.goal is None:
            return None
        return measure.goal.is_met(measure.runs if measure is self.ours else self.ratios(measure))


def ours(runs: Iterable[float], goal: Goal | None = None, *, name: str = "enforcer") -> Measure:
    return Measure(name=name, runs=tuple(runs), role=Role.OURS, goal=goal)


def peer(name: str, runs: Iterable[float], goal: Goal | None = None) -> Measure:
    return Measure(name=name, runs=tuple(runs), role=Role.PEER, goal=goal)


def floor(name: str, runs: Iterable[float], goal: Goal | None = None) -> Measure:
    return Measure(name=name, runs=tuple(runs), role=Role.FLOOR, goal=goal)


def at_most(bound: float, text: str | None = None, *, worst: bool = False) -> Goal:
    return Goal(text=text or f"≤ {bound:g}", at_most=bound, worst=worst)


def at_least(bound: float, text: str | None = None) -> Goal:
    return Goal(text=text or f"≥ {bound:g}", at_least=bound)


def times_more(factor: float) -> Goal:
    """Ours is at least *factor* times theirs."""
    return at_least(factor, f"≥ {factor:g} x")


def times_less(factor: float) -> Goal:
    """Theirs is at least *factor* times ours."""
    return at_most(1 / factor, f"≤ 1/{factor:g}")
