"""A plan made of what an earlier run did, for the way back and the way on."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.plan import OUTSIDE_ONLY
from enforcer.model.plan import Change, Left, Plan, Withheld
from enforcer.model.report.run import Report
from enforcer.model.report.task import TaskReport
from enforcer.model.task import Inventory, ResumeMode, Task

NOT_OF_THE_RUN = "not of that run"
GONE = "gone: it is no longer in the list of tasks"
NO_LONGER_ELIGIBLE = "no longer eligible"
MODE_BEFORE_UNKNOWN = "its mode before is not known"


class Kept(Struct, frozen=True, kw_only=True):
    """A task of the earlier run that is not to be changed, and why."""

    reason: str
    is_told: bool = True
    """Whether the reason is worth a line of its own; otherwise it is only counted."""
    is_in_sync: bool = False


class Judge(Protocol):
    """What to do with one task of an earlier run; pure."""

    def verdict(self, was: TaskReport, task: Task) -> Change | Kept:
        """Return what is to become of *task*, which the earlier run knew as *was*."""
        ...

    def missing(self, was: TaskReport) -> str | None:
        """Return why a task that is no longer listed is not changed; None if there was nothing to do about it."""
        ...


class RevisitPlanner(Struct, frozen=True, kw_only=True):
    """Plans what *judge* makes of the changes of *earlier*; the targets have the names that they had then."""

    earlier: Report
    judge: Judge
    policy: CompiledPolicy
    """The one whose next apply may redo what is planned here."""
    overrides: CompiledOverrides
    selection: Selection
    now: datetime

    def mode_matters(self, task: Task) -> bool:
        """Return whether *task* is one of the earlier run's."""
        return task.task_id in self._known(task.target)

    def plan(self, inventory: Inventory) -> Plan:
        known = self._known(inventory.target)
        sorting = _Sorting()
        for task in inventory.tasks:
            was = known.get(task.task_id)
            if was is None:
                sorting.left.append(Left(task=task, reason=NOT_OF_THE_RUN))
            elif not self.selection.includes(task):
                sorting.left.append(Left(task=task, reason=OUTSIDE_ONLY))
            else:
                sorting.place(task, self.judge.verdict(was, task))
        listed = {task.task_id for task in inventory.tasks}
        sorting.withheld += [each for was in known.values() if was.task_id not in listed for each in self._missing(was)]
        order = {task_id: number for number, task_id in enumerate(known)}
        return Plan(
            target=inventory.target,
            listed=len(inventory.tasks),
            eligible=sum(map(self.policy.is_eligible, inventory.tasks)),
            in_sync=sorting.in_sync,
            changes=tuple(sorted(sorting.changes, key=lambda change: _order(change, order))),
            left=tuple(sorting.left),
            withheld=tuple(sorted(sorting.withheld, key=lambda each: order[each.task_id])),
            contradicted=tuple(filter(self._is_contradicted, sorting.changes)),
        )

    def _known(self, target: str) -> Mapping[str, TaskReport]:
        return {task.task_id: task for each in self.earlier.targets if each.name == target for task in each.tasks}

    def _missing(self, was: TaskReport) -> tuple[Withheld, ...]:
        reason = self.judge.missing(was)
        gone = Task(target="", task_id=was.task_id, task_name=was.task_name)
        if reason is None or not self.selection.includes(gone):
            return ()
        return (Withheld(task_id=was.task_id, task_name=was.task_name, reason=reason),)

    def _is_contradicted(self, change: Change) -> bool:
        desired = decide(change.task, self.policy, self.overrides, self.now).desired
        return desired is not None and desired is not change.desired


class _Sorting:
    """A plan in the making."""

    def __init__(self) -> None:
        self.in_sync = 0
        self.changes: list[Change] = []
        self.left: list[Left] = []
        self.withheld: list[Withheld] = []

    def place(self, task: Task, verdict: Change | Kept) -> None:
        if isinstance(verdict, Change):
            self.changes.append(verdict)
            return
        if verdict.is_in_sync:
            self.in_sync += 1
        else:
            self.left.append(Left(task=task, reason=verdict.reason.partition(":")[0]))
        if verdict.is_told:
            self.withheld.append(Withheld(task_id=task.task_id, task_name=task.task_name, reason=verdict.reason))


def _order(change: Change, earlier: Mapping[str, int]) -> tuple[bool, int]:
    """Changes to manual first, since they only lower risk; then as the earlier run had them."""
    return change.desired is ResumeMode.AUTO, earlier[change.task.task_id]
