"""Reasons to refuse a plan. A guard judges the whole plan and knows nothing of how it would be applied."""

from collections.abc import Iterator, Sequence

from enforcer.model.plan import Plan
from enforcer.model.policy import Budget, Limits
from enforcer.model.task import ResumeMode


def refusals(plans: Sequence[Plan], limits: Limits) -> tuple[str, ...]:
    """Return one sentence for each limit that the *plans* of a run pass together; () means go.

    A limit is passed when the number is more than it. Changes that would not be sent anyway do not count.
    """
    return (*_too_many_tasks(plans, limits), *_too_many_changes(plans, limits))


def _too_many_tasks(plans: Sequence[Plan], limits: Limits) -> Iterator[str]:
    for plan in plans:
        if plan.listed > limits.max_inventory:
            yield (
                f"inventory: more than {limits.max_inventory} tasks are listed at {plan.target} "
                "(limits.max_inventory), and the rest was not read"
            )


def _too_many_changes(plans: Sequence[Plan], limits: Limits) -> Iterator[str]:
    budgets = ((ResumeMode.AUTO, limits.to_auto), (ResumeMode.MANUAL, limits.to_manual))
    for mode, budget in budgets:
        if budget.max is not None and (count := _count(plans, mode)) > budget.max:
            yield f"to_{mode}: {count} > {budget.max} ({_name(budget, mode)})"


def _count(plans: Sequence[Plan], desired: ResumeMode) -> int:
    return sum(change.desired is desired and change.obstacle is None for plan in plans for change in plan.changes)


def _name(budget: Budget, mode: ResumeMode) -> str:
    return "max" if budget.from_policy else f"max, built-in default; limits.to_{mode}.max sets it"
