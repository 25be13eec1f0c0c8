"""Overrides compiled once, and which of them speaks for a task: the safest, leave before manual before auto."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from enforcer.core.patterns.index import Index
from enforcer.core.patterns.matching import compile_match
from enforcer.core.text.moment import time_text
from enforcer.model.override import Override
from enforcer.model.plan import Change, Conflict
from enforcer.model.rule import Match, PolicyMode
from enforcer.model.task import Task

_CAUTION: Final = {PolicyMode.LEAVE: 0, PolicyMode.MANUAL: 1, PolicyMode.AUTO: 2}


class CompiledOverrides:
    """Overrides made ready to be asked about many tasks."""

    def __init__(self, overrides: Sequence[Override]) -> None:
        """Raise ValueError if a pattern is malformed."""
        self.overrides = tuple(sorted(overrides, key=_rank))
        # Two tests for each, since a pattern hits the id or the name.
        self._index = Index([compile_match(match) for each in self.overrides for match in _matches(each)])

    def in_force(self, now: datetime) -> tuple[Override, ...]:
        """Return those that count at *now*, the most cautious first."""
        return tuple(each for each in self.overrides if each.is_in_force(now))

    def holding(self, task: Task, now: datetime) -> Override | None:
        """Return the override that speaks for *task* at *now*, None if none does."""
        return next(iter(self._on(task, now)), None) if self.overrides else None

    def ended_between(self, start: datetime, now: datetime) -> tuple[Override, ...]:
        """Return those that held at *start* and hold no more at *now*, the most cautious first."""
        return tuple(each for each in self.overrides if start < each.ends <= now)

    def conflicts(self, tasks: Iterable[Task], now: datetime) -> tuple[Conflict, ...]:
        """Return each set of overrides of different modes that meet on *tasks* at *now*, and on how many of them."""
        counts: dict[tuple[Override, ...], int] = {}
        for task in tasks:
            met = self._on(task, now)
            if len({each.mode for each in met}) > 1:
                counts[tuple(met)] = counts.get(tuple(met), 0) + 1
        return tuple(Conflict(overrides=met, tasks=count) for met, count in counts.items())

    def _on(self, task: Task, now: datetime) -> list[Override]:
        places = dict.fromkeys(place // 2 for place in self._index.passed(task))
        return [each for each in map(self.overrides.__getitem__, places) if each.is_in_force(now)]


def _matches(override: Override) -> tuple[Match, Match]:
    return (
        Match(task_id=override.patterns, target=override.targets),
        Match(task_name=override.patterns, target=override.targets),
    )


def _rank(override: Override) -> tuple[int, float, str]:
    """Of those that ask for the same, the one that lasts longest is the one to name."""
    return _CAUTION[override.mode], -override.ends.timestamp(), override.id


def objection(standing: CompiledOverrides, change: Change, now: datetime) -> str | None:
    """Return why an override forbids *change* at *now*; None if none does.

    One to leave forbids both directions, one to manual forbids auto. One to auto forbids nothing: that a task is manual
    for longer than somebody wanted does no harm.
    """
    override = standing.holding(change.task, now)
    if override is None or override.mode is PolicyMode.AUTO or override.mode.value == change.desired.value:
        return None
    what = "leaves it alone" if override.mode is PolicyMode.LEAVE else f"holds it at {override.mode}"
    return f"override {override.id} {what} until {time_text(override.ends)}"


NO_OVERRIDES: Final = CompiledOverrides(())
