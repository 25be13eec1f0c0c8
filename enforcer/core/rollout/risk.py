"""How much a task may hurt others if a switch to auto makes it synchronise fully: what it shares, how fast it may go.

What is not known never makes a risk low.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Final

from enforcer.model.plan import Change
from enforcer.model.route import Rated, Risk
from enforcer.model.task import NO_BANDWIDTH_LIMIT, Task

_ENDED: Final = frozenset(
    {"SUCCESS", "FAILED", "TERMINATED", "RELEASED", "DELETED", "ERROR", "MIGRATION_SUCCESS", "MIGRATION_FAILED"}
)
"""Statuses in which a task moves no data any more. Any other one, an unknown one too, counts as moving some."""

_ORDER: Final = tuple(Risk)


class Sharing:
    """Which instances the tasks of one inventory have in common."""

    def __init__(self, tasks: Iterable[Task]) -> None:
        live = [task for task in tasks if task.status not in _ENDED]
        self._sources = _counted(live, lambda task: task.source_instance_id)
        self._targets = _counted(live, lambda task: task.target_instance_id)

    def reasons(self, task: Task) -> tuple[list[str], list[str]]:
        """Return what *task* shares, and what of that is not known, in words."""
        shared: list[str] = []
        unknown: list[str] = []
        sides = (
            ("source", task.source_instance_id, self._sources),
            ("target", task.target_instance_id, self._targets),
        )
        for side, instance, tasks in sides:
            if not instance:
                unknown.append(f"{side} instance not reported")
            elif tasks[instance] > 1:
                shared.append(f"{side} shared by {tasks[instance]}")
        return shared, unknown


def rate(change: Change, sharing: Sharing) -> Rated:
    """Return *change* with its risk.

    High: it shares an instance, and nothing is known to limit its bandwidth. Medium: either of the two, or something
    that has to be known is not. Low: none of this.
    """
    shared, unknown = sharing.reasons(change.task)
    unbounded = _unbounded(change.task)
    if shared and unbounded:
        risk = Risk.HIGH
    elif shared or unbounded or unknown:
        risk = Risk.MEDIUM
    else:
        risk = Risk.LOW
    return Rated(change=change, risk=risk, reasons=(*shared, *unbounded, *unknown))


def order(rated: Rated) -> tuple[int, int, str]:
    """Lowest risk first; then by the priority of what asks for the change, higher first; then by id."""
    return _ORDER.index(rated.risk), -rated.change.cause.priority, rated.change.task.task_id


def _unbounded(task: Task) -> tuple[str, ...]:
    if task.bandwidth_limit_mb is None:
        return ("bandwidth limit not known",)
    return ("no bandwidth limit",) if task.bandwidth_limit_mb == NO_BANDWIDTH_LIMIT else ()


def _counted(tasks: Iterable[Task], instance: Callable[[Task], str | None]) -> Counter[str]:
    return Counter(found for task in tasks if (found := instance(task)))
