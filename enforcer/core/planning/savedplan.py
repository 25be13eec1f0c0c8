"""The planner of a saved plan: what still stands of it, and why the rest does not."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.plan import OUTSIDE_ONLY
from enforcer.model.plan import Cause, Change, Left, Plan, Withheld
from enforcer.model.savedplan import OnMoved, SavedChange, SavedPlan
from enforcer.model.task import Inventory, Task

ALREADY: Final = "already as the saved plan wants"
NOT_IN_PLAN: Final = "not in the saved plan"
MOVED: Final = "moved since the plan was made"
_NAMED: Final = 5
"""Tasks that a refusal names at most."""
_SPELLINGS: Final = {"INCRMIGRATING": "INCRMIGEATING"}
"""One status that the API spells in two ways."""


class Standing:
    """The condition under which a saved change may go: its task has its mode and status still, and is eligible."""

    def __init__(self, policy: CompiledPolicy) -> None:
        self._policy = policy

    def broken(self, change: Change, task: Task) -> str | None:
        """Return why *change* must not go, if its task is now like *task*; None if it may."""
        if task.defect is not None:
            return task.defect
        was = change.task
        if task.resume_mode is None or task.resume_mode is not was.resume_mode:
            return f"its mode is {task.resume_mode or 'not reported'}"
        if _status(task) != _status(was):
            return f"its status is {task.status or 'not reported'}, and was {was.status or 'not reported'}"
        return None if self._policy.is_eligible(task) else "it is not eligible any more"


def _status(task: Task) -> str:
    return _SPELLINGS.get(task.status or "", task.status or "")


class SavedPlanner:
    """Plans what stands in a saved plan, as far as it still holds."""

    def __init__(
        self,
        saved: SavedPlan,
        *,
        policy: CompiledPolicy,
        overrides: CompiledOverrides,
        selection: Selection,
        now: datetime,
        on_moved: OnMoved,
    ) -> None:
        """*policy* is as `settings` has it; *overrides* are those that there are *now*, which is an aware time."""
        self._saved = {each.name: {change.task_id: change for change in each.changes} for each in saved.targets}
        self._standing = Standing(policy)
        self._policy = policy
        self._overrides = overrides
        self._selection = selection
        self._now = now
        self._on_moved = on_moved

    def mode_matters(self, task: Task) -> bool:
        """Return whether *task* is one of the plan's."""
        return task.task_id in self._saved.get(task.target, {})

    def plan(self, inventory: Inventory) -> Plan:
        """Sort the tasks of *inventory*: already as wanted, to change as saved, or not in the plan.

        A change that has moved has an obstacle; one whose task is no longer listed is withheld.
        """
        known = self._saved.get(inventory.target, {})
        wanted = dict(known)
        changes: list[Change] = []
        left: list[Left] = []
        for task in inventory.tasks:
            saved = wanted.pop(task.task_id, None)
            reason = NOT_IN_PLAN if saved is None else self._why_left(task, saved)
            if saved is None or reason is not None:
                left.append(Left(task=task, reason=reason or NOT_IN_PLAN))
            else:
                changes.append(self._change(task, saved))
        vanished = tuple(
            Withheld(task_id=saved.task_id, task_name=saved.task_name, reason=f"{MOVED}: it is no longer listed")
            for saved in wanted.values()
            if self._selection.includes(_task(inventory.target, saved))
        )
        place = {task_id: number for number, task_id in enumerate(known)}
        return Plan(
            target=inventory.target,
            listed=len(inventory.tasks),
            eligible=sum(self._policy.is_eligible(task) for task in inventory.tasks),
            in_sync=0,
            changes=tuple(sorted(changes, key=lambda change: place[change.task.task_id])),
            left=tuple(left),
            withheld=vanished,
            objections=self._objections(inventory.target, changes, vanished),
        )

    def _why_left(self, task: Task, saved: SavedChange) -> str | None:
        if task.resume_mode is saved.desired:
            return ALREADY
        return None if self._selection.includes(task) else OUTSIDE_ONLY

    def _change(self, task: Task, saved: SavedChange) -> Change:
        planned = Change(task=_task(task.target, saved), desired=saved.desired, cause=_cause(saved))
        moved = self._standing.broken(planned, task) or self._overridden(task, saved)
        obstacle = None if moved is None else f"{MOVED}: {moved}"
        return replace(planned, task=task, condition=self._standing, obstacle=obstacle)

    def _overridden(self, task: Task, saved: SavedChange) -> str | None:
        """Return why overrides no longer let *saved* go: one appeared, or the one that asked for it has ended."""
        override = self._overrides.holding(task, self._now)
        if override is None:
            return f"{saved.rule} is no longer in force" if saved.rule.startswith("override ") else None
        if saved.rule == f"override {override.id}":
            return None
        return f"override {override.id} holds it"

    def _objections(self, target: str, changes: Iterable[Change], vanished: Iterable[Withheld]) -> tuple[str, ...]:
        if self._on_moved is OnMoved.SKIP:
            return ()
        moved = [(change.task.task_id, change.obstacle) for change in changes if change.obstacle is not None]
        moved += [(each.task_id, each.reason) for each in vanished]
        if not moved:
            return ()
        named = "; ".join(f"{task_id}: {reason.removeprefix(f'{MOVED}: ')}" for task_id, reason in moved[:_NAMED])
        rest = f"; and {len(moved) - _NAMED:,} more" if len(moved) > _NAMED else ""
        return (f"{len(moved):,} of the plan's changes at {target} have {MOVED}: {named}{rest}",)


def _cause(saved: SavedChange) -> Cause:
    return Cause(name=saved.rule, origin=saved.origin, reason=saved.reason, priority=saved.priority)


def _task(target: str, saved: SavedChange) -> Task:
    return Task(
        target=target,
        task_id=saved.task_id,
        task_name=saved.task_name,
        status=saved.status,
        resume_mode=saved.before,
    )
