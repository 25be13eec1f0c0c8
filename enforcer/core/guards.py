"""Reasons to refuse a plan. A guard judges the whole plan and knows nothing of how it would be applied."""

from collections.abc import Sequence

from enforcer.model.plan import Plan
from enforcer.model.policy import Budget, Limits
from enforcer.model.task import ResumeMode


def refusals(plans: Sequence[Plan], limits: Limits) -> tuple[str, ...]:
    """Return one sentence for each limit that the *plans* of a run pass together; () means go.

    A limit is passed when the number is more than it. Changes that would not be sent anyway do not count.
    """
    budgets = ((ResumeMode.AUTO, limits.to_auto), (ResumeMode.MANUAL, limits.to_manual))
    return tuple(
        f"to_{mode}: {count} > {budget.max} ({_name(budget, mode)})"
        for mode, budget in budgets
        if budget.max is not None and (count := _count(plans, mode)) > budget.max
    )


def _count(plans: Sequence[Plan], desired: ResumeMode) -> int:
    return sum(change.desired is desired and change.obstacle is None for plan in plans for change in plan.changes)


def _name(budget: Budget, mode: ResumeMode) -> str:
    return "max" if budget.from_policy else f"max, built-in default; limits.to_{mode}.max sets it"
