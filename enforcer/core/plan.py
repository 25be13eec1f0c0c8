"""Inventory and policy make a plan. The plan does not depend on the order in which tasks were listed."""

from datetime import datetime

from enforcer.core.decide import decide
from enforcer.core.matching import CompiledPolicy, Selection
from enforcer.model.plan import Change, Decision, Ground, Left, Plan
from enforcer.model.task import Inventory, ResumeMode, Task

OUTSIDE_ONLY = "outside --only"
NO_RULE = "no rule matches"
NOT_ELIGIBLE = "not eligible"
MODE_NOT_REPORTED = "its resume_mode is not reported"


def build(inventory: Inventory, policy: CompiledPolicy, selection: Selection, now: datetime) -> Plan:
    """Sort every listed task into in sync, left alone, or to change.

    A drifting task outside *selection* is left alone; one in sync counts as in sync wherever it stands.
    """
    in_sync = eligible = 0
    changes: list[Change] = []
    left: list[Left] = []
    for task in inventory.tasks:
        decision = decide(task, policy, now)
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
    return Change(task=task, desired=desired, rule=decision.rule, obstacle=task.defect or unreported)


def _why_left(decision: Decision) -> str:
    if decision.ground is Ground.NOT_ELIGIBLE:
        return NOT_ELIGIBLE
    return NO_RULE if decision.rule is None else f"rule {decision.rule.id}"


def _order(change: Change) -> tuple[bool, int, str]:
    """Changes to manual first, since they only lower risk; then by priority, then by id."""
    priority = 0 if change.rule is None else change.rule.priority
    return change.desired is ResumeMode.AUTO, -priority, change.task.task_id
