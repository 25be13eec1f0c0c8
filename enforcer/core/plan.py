"""Inventory, policy and overrides make a plan. The plan does not depend on the order in which tasks were listed."""

from dataclasses import dataclass
from datetime import datetime

from enforcer.core.decide import decide
from enforcer.core.matching import CompiledPolicy, Selection
from enforcer.core.overrides import CompiledOverrides
from enforcer.model.override import Override
from enforcer.model.plan import Cause, Change, Decision, Ground, Left, Plan
from enforcer.model.task import Inventory, ResumeMode, Task

OUTSIDE_ONLY = "outside --only"
NO_RULE = "no rule matches"
NOT_ELIGIBLE = "not eligible"
MODE_NOT_REPORTED = "its resume_mode is not reported"


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyPlanner:
    """Plans what policy and overrides ask for. *now* is an aware time; every decision is made as of it."""

    policy: CompiledPolicy
    overrides: CompiledOverrides
    selection: Selection
    now: datetime

    def mode_matters(self, task: Task) -> bool:
        """Return whether the plan for *task* depends on its mode, so that a row without one has to be looked up."""
        return decide(task, self.policy, self.overrides, self.now).desired is not None

    def plan(self, inventory: Inventory) -> Plan:
        return build(inventory, self.policy, self.overrides, self.selection, self.now)


def build(
    inventory: Inventory,
    policy: CompiledPolicy,
    overrides: CompiledOverrides,
    selection: Selection,
    now: datetime,
) -> Plan:
    """Sort every listed task into in sync, left alone, or to change.

    A drifting task outside *selection* is left alone; one in sync counts as in sync wherever it stands.
    """
    in_sync = eligible = 0
    changes: list[Change] = []
    left: list[Left] = []
    for task in inventory.tasks:
        decision = decide(task, policy, overrides, now)
        eligible += decision.ground is not Ground.NOT_ELIGIBLE
        if decision.desired is None:
            left.append(Left(task=task, reason=_why_left(decision)))
        elif task.resume_mode is decision.desired:
            in_sync += 1
        elif not selection.includes(task):
            left.append(Left(task=task, reason=OUTSIDE_ONLY))
        else:
            changes.append(_change(task, decision, decision.desired))
    return Plan(
        target=inventory.target,
        listed=len(inventory.tasks),
        eligible=eligible,
        in_sync=in_sync,
        changes=tuple(sorted(changes, key=_order)),
        left=tuple(left),
    )


def _change(task: Task, decision: Decision, desired: ResumeMode) -> Change:
    unreported = MODE_NOT_REPORTED if task.resume_mode is None else None
    return Change(task=task, desired=desired, cause=_cause(decision), obstacle=task.defect or unreported)


def _cause(decision: Decision) -> Cause:
    override, rule = decision.override, decision.rule
    if override is not None:
        return Cause(name=f"override {override.id}", origin=_origin(override), reason=_reason(override))
    if rule is None:
        return Cause(name="default")
    return Cause(name=rule.id, origin=str(rule.origin), reason=rule.reason, priority=rule.priority)


def _origin(override: Override) -> str | None:
    return None if override.origin is None else str(override.origin)


def _reason(override: Override) -> str:
    return override.reason if override.ticket is None else f"{override.reason} ({override.ticket})"


def _why_left(decision: Decision) -> str:
    if decision.ground is Ground.NOT_ELIGIBLE:
        return NOT_ELIGIBLE
    if decision.override is not None:
        return f"override {decision.override.id} until {decision.override.ends:%Y-%m-%dT%H:%MZ}"
    return NO_RULE if decision.rule is None else f"rule {decision.rule.id}"


def _order(change: Change) -> tuple[bool, int, str]:
    """Changes to manual first, since they only lower risk; then by priority, then by id."""
    return change.desired is ResumeMode.AUTO, -change.cause.priority, change.task.task_id
