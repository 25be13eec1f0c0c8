"""A whole run: observe every target, plan, ask the guards, apply, read back. The targets go side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from enforcer.core import guards
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure
from enforcer.model.event import (
    ChangePlanned,
    ChangeSkipped,
    LeftCount,
    PlanBuilt,
    PlanRefused,
    RunStopped,
    TargetFailed,
)
from enforcer.model.plan import Change, Plan
from enforcer.model.policy import Limits
from enforcer.model.task import Inventory, Task
from enforcer.run import observe
from enforcer.run.apply import apply
from enforcer.run.read_back import read_back
from enforcer.run.settle import NO_PAST, Past
from enforcer.run.site import Conduct, Site, exit_code_of
from enforcer.run.stopping import Interrupted

DECLINED = "declined at the prompt"


class Planner(Protocol):
    """Makes plans of inventories; pure."""

    def mode_matters(self, task: Task) -> bool:
        """Return whether the plan for *task* depends on its mode, so that a row without one has to be looked up."""
        ...

    def plan(self, inventory: Inventory) -> Plan:
        """Return what is to become of every task of *inventory*."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a run is to bring about."""

    planner: Planner
    limits: Limits
    """The policy's, or what flags made of them."""


async def plan(sites: Sequence[Site], wish: Wish, conduct: Conduct) -> tuple[Plan, ...]:
    """Observe *sites*, plan, and record both and what the guards say; send no PUT.

    A site that cannot be listed has no plan; an event says why, and the others go on.
    """
    async with _deadline(wish.limits.deadline_s, conduct):
        return await _plan(sites, wish, conduct, NO_PAST)


async def _plan(sites: Sequence[Site], wish: Wish, conduct: Conduct, past: Past) -> tuple[Plan, ...]:
    plans = await _side_by_side(_observed_plan(site, wish, past) for site in sites)
    found = tuple(one for one in plans if one is not None)
    for one in found:
        _record(one, conduct)
    reasons = guards.refusals(found, wish.limits)
    if reasons:
        conduct.recorder.emit(PlanRefused(reasons=reasons, hint=_REFUSED_HINT))
    return found


async def enforce(
    sites: Sequence[Site],
    wish: Wish,
    conduct: Conduct,
    *,
    past: Past,
    confirm: Callable[[Sequence[Plan]], Awaitable[bool]],
) -> None:
    """Make *sites* as *wish* says: plan, and unless a guard or *confirm* says no, apply and read back.

    What *past* left open is settled by the lists that the plan rests on. *confirm* is asked only if something would
    be sent. Raises JournalError when the journal fails.
    """
    async with _deadline(wish.limits.deadline_s, conduct):
        await past.recall(site.ref for site in sites)
        listed_at = asyncio.get_running_loop().time()
        plans = await _plan(sites, wish, conduct, past)
        if conduct.stop.is_set or guards.refusals(plans, wish.limits):
            return
        changes = {one.target: tuple(c for c in one.changes if c.obstacle is None) for one in plans}
        if not any(changes.values()):
            return
        if not await confirm(plans):
            if not conduct.stop.is_set:
                conduct.recorder.emit(PlanRefused(reasons=(DECLINED,)))
            return
        # The whole plan, with every mode before, is durable before the first PUT.
        await conduct.recorder.durable()
        await _side_by_side(_apply_and_read_back(site, changes.get(site.ref.name, ()), listed_at) for site in sites)


_REFUSED_HINT = "If the plan is what you want, raise the limit in the policy, or take a part of it with --only."


async def _observed_plan(site: Site, wish: Wish, past: Past) -> Plan | None:
    def needs_mode(task: Task) -> bool:
        return wish.planner.mode_matters(task) or past.concerns(task)

    try:
        listed = await observe.inventory(site, needs_mode=needs_mode, read_back=False, most=wish.limits.max_inventory)
        if isinstance(listed, Inventory):
            await past.settle(site, listed)
    except Interrupted:
        return None
    if isinstance(listed, Failure):
        site.conduct.recorder.emit(
            TargetFailed(
                target=site.ref.name,
                exit_code=exit_code_of(listed),
                message=listed.message,
                hint=listed.hint,
            )
        )
        return None
    return wish.planner.plan(listed)


def _record(plan: Plan, conduct: Conduct) -> None:
    for change in plan.changes:
        conduct.recorder.emit(_planned(change))
        if change.obstacle is not None:
            conduct.recorder.emit(
                ChangeSkipped(target=plan.target, task_id=change.task.task_id, reason=change.obstacle)
            )
    reasons: dict[str, int] = {}
    for left in plan.left:
        reasons[left.reason] = reasons.get(left.reason, 0) + 1
    conduct.recorder.emit(
        PlanBuilt(
            target=plan.target,
            listed=plan.listed,
            eligible=plan.eligible,
            in_sync=plan.in_sync,
            planned=len(plan.changes),
            left=tuple(LeftCount(reason=reason, count=count) for reason, count in sorted(reasons.items())),
        )
    )


def _planned(change: Change) -> ChangePlanned:
    return ChangePlanned(
        target=change.task.target,
        task_id=change.task.task_id,
        task_name=change.task.task_name,
        before=change.task.resume_mode,
        desired=change.desired,
        rule=change.cause.name,
        origin=change.cause.origin,
        reason=change.cause.reason,
        priority=change.cause.priority,
    )


async def _apply_and_read_back(site: Site, changes: Sequence[Change], listed_at: float) -> None:
    sent = await apply(site, changes, listed_at=listed_at)
    try:
        site.stop.raise_if_set()
        await read_back(site, sent)
    except Interrupted:
        return


async def _side_by_side(coroutines: Iterable[Coroutine[Any, Any, Any]]) -> list[Any]:
    """Await all *coroutines* to their ends, then raise what the first of them raised, if any did."""
    results = await asyncio.gather(*coroutines, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return results


class _deadline:  # noqa: N801 - used as a context manager, like asyncio.timeout
    """Ask for a stop when the run has taken *seconds*."""

    def __init__(self, seconds: float, conduct: Conduct) -> None:
        self._seconds = seconds
        self._stop = conduct.stop

    async def __aenter__(self) -> None:
        cause = RunStopped(
            exit_code=ExitCode.ABORTED,
            message=f"the deadline of {self._seconds:g} s has passed",
            hint="Run the same command again to do the rest, or give it longer: limits.deadline, --deadline.",
        )
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._stop.ask, cause)

    async def __aexit__(self, *_: object) -> None:
        self._timer.cancel()
