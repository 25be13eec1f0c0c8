"""A saved plan, made and applied: what still stands of it, and why the rest does not."""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from msgspec.structs import replace

from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.matching import CompiledPolicy, Selection
from enforcer.core.planning.plan import OUTSIDE_ONLY
from enforcer.core.text.endpoint import TASK_ID_PATTERN, check_endpoint, check_project_id, check_region
from enforcer.core.text.quantity import parse_rate
from enforcer.model.plan import Cause, Change, Left, Plan, Withheld
from enforcer.model.policy import Policy, Target
from enforcer.model.report.task import TaskReport
from enforcer.model.savedplan import OnMoved, SavedChange, SavedPlan, SavedPolicy, SavedTarget
from enforcer.model.task import Inventory, Task

MAX_AGE_S: Final = 3600
"""An older plan is refused, unless its age is accepted."""
MAX_SKEW_S: Final = 300
"""A plan from further in the future was made by another clock."""
MAX_CHANGES: Final = 200_000

ALREADY: Final = "already as the saved plan wants"
NOT_IN_PLAN: Final = "not in the saved plan"
MOVED: Final = "moved since the plan was made"
_NAMED: Final = 5
"""Tasks that a refusal names at most."""
_SPELLINGS: Final = {"INCRMIGRATING": "INCRMIGEATING"}
"""One status that the API spells in two ways."""


def checked(plan: SavedPlan) -> SavedPlan:
    """Return *plan*; raise ValueError("what is wrong; what was expected") if it says what no plan of ours can."""
    when(plan)
    if not plan.targets:
        raise ValueError("targets: none; expected at least one")
    names = [target.name for target in plan.targets]
    if len(set(names)) < len(names):
        raise ValueError("targets: two of one name; expected different ones")
    for target in plan.targets:
        check_endpoint(target.endpoint)
        check_project_id(target.project_id)
        for given, check in ((target.region, check_region), (target.iam_endpoint, check_endpoint)):
            if given is not None:
                check(given)
        if target.rate is not None:
            parse_rate(target.rate)
        _check_changes(target)
    return plan


def _check_changes(target: SavedTarget) -> None:
    if len(target.changes) > MAX_CHANGES:
        raise ValueError(f"{target.name}: {len(target.changes)} changes; expected at most {MAX_CHANGES}")
    seen: set[str] = set()
    for change in target.changes:
        if not re.fullmatch(TASK_ID_PATTERN, change.task_id, re.ASCII):
            raise ValueError(f"{target.name}: the task id {change.task_id[:40]!r}; expected letters, digits, _ and -")
        if change.task_id in seen:
            raise ValueError(f"{target.name}: task {change.task_id} twice; expected each once")
        if change.before is change.desired:
            raise ValueError(
                f"{target.name}: task {change.task_id} from {change.before} to the same; expected a change"
            )
        seen.add(change.task_id)


def when(plan: SavedPlan) -> datetime:
    """Return when *plan* was made; raise ValueError if it does not say so."""
    try:
        made = datetime.fromisoformat(plan.created)
    except ValueError:
        made = None
    if made is None or made.tzinfo is None:
        raise ValueError(f"created: {plan.created[:40]!r} is no time; expected a date, time and zone")
    return made.astimezone(UTC)


def staleness(plan: SavedPlan, now: datetime, max_age_s: int) -> str | None:
    """Return why *plan* is too old at *now*, or from the future; None if it is neither."""
    age = now - when(plan)
    if age > timedelta(seconds=max_age_s):
        return f"the plan is {_age(age)} old, and at most {_age(timedelta(seconds=max_age_s))} is accepted"
    if -age > timedelta(seconds=MAX_SKEW_S):
        return f"the plan was made {_age(-age)} from now, by a clock that differs from this one"
    return None


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {age.seconds % 60} s"


def settings(plan: SavedPlan) -> Policy:
    """Return the policy that *plan* is applied under: its limits, for its targets, without a rule."""
    return Policy(
        name=plan.policy.name,
        files=plan.policy.files,
        sha256=plan.policy.sha256,
        targets=tuple(_target(each) for each in plan.targets),
        eligible=plan.policy.eligible,
        overrides=plan.policy.overrides,
        limits=plan.policy.limits,
        freeze=plan.policy.freeze,
        rollout=plan.policy.rollout,
        notify=plan.policy.notify,
    )


def _target(saved: SavedTarget) -> Target:
    return Target(
        name=saved.name,
        region=saved.region,
        project_id=saved.project_id,
        endpoint=saved.endpoint,
        iam_endpoint=saved.iam_endpoint,
        rate=None if saved.rate is None else parse_rate(saved.rate),
    )


def saved_policy(policy: Policy) -> SavedPolicy:
    """Return what a plan made under *policy* keeps of it."""
    return SavedPolicy(
        name=policy.name,
        files=policy.files,
        sha256=policy.sha256,
        eligible=policy.eligible,
        overrides=policy.overrides,
        limits=policy.limits,
        freeze=policy.freeze,
        rollout=policy.rollout,
        notify=policy.notify,
    )


def saved_changes(plan: Plan, told: Mapping[str, TaskReport]) -> tuple[SavedChange, ...]:
    """Return the changes of *plan* to save; *told*, by task id, has the waves and risks that the same run found."""
    return tuple(_saved(change, told.get(change.task.task_id)) for change in plan.changes if change.obstacle is None)


def _saved(change: Change, told: TaskReport | None) -> SavedChange:
    task, cause = change.task, change.cause
    if task.resume_mode is None:
        raise ValueError(f"task {task.task_id} may not be sent: its mode is not known")
    return SavedChange(
        task_id=task.task_id,
        task_name=task.task_name,
        before=task.resume_mode,
        desired=change.desired,
        status=task.status,
        rule=cause.name,
        origin=cause.origin,
        reason=cause.reason,
        priority=cause.priority,
        wave=told.wave if told else None,
        risk=told.risk if told else None,
        risk_reasons=told.risk_reasons if told else (),
    )


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
