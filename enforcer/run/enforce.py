"""A whole run: observe every target, plan, ask the guards, roll out, read back. The targets go side by side."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from msgspec import Struct

from enforcer.core.admission import guards, holds
from enforcer.core.admission.guards import Terms, Verdict
from enforcer.core.rollout import sharding
from enforcer.errors import ExitCode, JournalError
from enforcer.model.event import HistoryUnread, PlanDeclined, RunStopped, TargetFailed
from enforcer.model.history import History
from enforcer.model.limits import Limits
from enforcer.model.plan import NO_LATITUDE, Change, Latitude, Plan, Proposal
from enforcer.model.policy import Freeze
from enforcer.model.rollout import DEFAULT_ROLLOUT, Rollout
from enforcer.model.route import Route
from enforcer.model.task import Inventory, Task
from enforcer.run import observe, on_record, rollout
from enforcer.run.settle import NO_PAST, Past
from enforcer.run.site import Conduct, Site, exit_code_of
from enforcer.run.stopping import Interrupted
from enforcer.run.story import Hold
from enforcer.run.together import side_by_side


class Planner(Protocol):
    """Makes plans of inventories; pure."""

    def mode_matters(self, task: Task) -> bool:
        """Return whether the plan for *task* depends on its mode, so that a row without one has to be looked up."""
        ...

    def plan(self, inventory: Inventory) -> Plan:
        """Return what is to become of every task of *inventory*."""
        ...


class Wish(Struct, frozen=True, kw_only=True):
    """What a run is to bring about."""

    planner: Planner
    limits: Limits
    """The policy's, or what flags made of them."""
    freeze: tuple[Freeze, ...] = ()
    rollout: Rollout = DEFAULT_ROLLOUT
    latitude: Latitude = NO_LATITUDE
    only: tuple[str, ...] = ()
    """The patterns by which the planner selects; those that fit nothing are told."""
    others: frozenset[str] = frozenset()
    """The targets, by name, that other shards carry out: guards judge them too, and nothing is sent there."""


async def plan(sites: Sequence[Site], wish: Wish, conduct: Conduct) -> Verdict:
    """Observe *sites*, plan, and record both, what the guards say, which is returned, and the waves; send no PUT.

    A site that cannot be listed has no plan; an event says why, and the others go on.
    """
    async with _deadline(wish.limits.deadline_s, conduct):
        verdict, _ = await _plan(sites, wish, conduct, NO_PAST)
        return verdict


async def _plan(
    sites: Sequence[Site], wish: Wish, conduct: Conduct, past: Past
) -> tuple[Verdict, tuple[tuple[Site, Route], ...]]:
    """Return what the guards say of the plans, and the way of each target's changes, none if they refuse.

    The guards judge all of it; what is recorded and returned is what this run is to carry out.
    """
    found = await side_by_side(_proposal(site, wish, past) for site in sites)
    proposals = tuple(one for one in found if one is not None)
    for one in proposals:
        on_record.comparison(one, conduct.recorder)
        on_record.plan(sharding.own_plan(one.plan, wish.others), conduct.recorder)
    if len(proposals) == len(sites):
        on_record.selection(wish.only, proposals, conduct.recorder)
    unseen = wish.others - {one.plan.target for one in proposals}
    judged = guards.judge(proposals, _terms(wish, conduct), conduct.now(), unseen=unseen)
    verdict = sharding.own_verdict(judged, wish.others)
    on_record.verdict(verdict, conduct.recorder)
    if verdict.refusals:
        return verdict, ()
    inventories = {one.plan.target: one.inventory for one in proposals}
    changes = {one.target: one.changes for one in verdict.plans if one.changes}
    routes = await side_by_side(
        _route(site, changes[site.ref.name], inventories[site.ref.name], wish)
        for site in sites
        if site.ref.name in changes
    )
    return verdict, tuple(pair for pair in routes if pair is not None)


async def _route(site: Site, changes: Sequence[Change], inventory: Inventory, wish: Wish) -> tuple[Site, Route] | None:
    """Return the way of *changes*; None if a stop came first."""
    try:
        return site, await rollout.plan(site, changes, inventory, wish.rollout)
    except Interrupted:
        return None


async def inventories(sites: Sequence[Site], limits: Limits, conduct: Conduct) -> tuple[Inventory, ...]:
    """Observe *sites*, with every mode; plan nothing and send no PUT. Those that cannot be listed are missing."""
    async with _deadline(limits.deadline_s, conduct):
        found = await side_by_side(_listed(site, lambda _: True, limits) for site in sites)
    return tuple(one for one in found if one is not None)


async def enforce(
    sites: Sequence[Site],
    wish: Wish,
    conduct: Conduct,
    *,
    past: Past,
    confirm: Callable[[Sequence[Plan]], Awaitable[bool]],
) -> None:
    """Make *sites* as *wish* says: plan, and unless a guard or *confirm* says no, apply and read back.

    What *past* left open is settled by the lists that the plan rests on. *confirm* gets what would be sent, and is
    asked only if that is something. Raises JournalError when the journal fails.
    """
    freeze = () if wish.latitude.break_glass else wish.freeze

    def hold(change: Change) -> str | None:
        standing = conduct.overrides()
        # There is hardly ever anything that could hold a change, and it is asked twice for each.
        return holds.objection(freeze, standing, change, conduct.now()) if freeze or standing.overrides else None

    async with _deadline(wish.limits.deadline_s, conduct):
        past.recall(site.ref for site in sites if not site.ref.only_seen)
        listed_at = asyncio.get_running_loop().time()
        routes = await _agreed(sites, wish, conduct, past, confirm)
        if routes:
            # The whole plan, with every mode before, is durable before the first PUT.
            await conduct.recorder.durable()
        await side_by_side(_roll_out(site, way, wish, listed_at, hold) for site, way in routes)


async def _agreed(
    sites: Sequence[Site],
    wish: Wish,
    conduct: Conduct,
    past: Past,
    confirm: Callable[[Sequence[Plan]], Awaitable[bool]],
) -> tuple[tuple[Site, Route], ...]:
    """Return the way of each target's changes; none if a guard or *confirm* says no, or a stop came first.

    Nothing else of the inventories is kept while they are sent.
    """
    verdict, routes = await _plan(sites, wish, conduct, past)
    if conduct.stop.is_set or not routes:
        return ()
    is_agreed = await confirm(verdict.plans)
    if not is_agreed and not conduct.stop.is_set:
        conduct.recorder.emit(PlanDeclined())
    return routes if is_agreed else ()


async def enforce_apart(
    sites: Sequence[Site],
    wish: Wish,
    conduct: Conduct,
    *,
    past: Past,
    confirm: Callable[[Sequence[Plan]], Awaitable[bool]],
) -> None:
    """Do as `enforce` does, for each of *sites* by itself: none waits until another is listed, or is judged with it."""
    await side_by_side(enforce([site], wish, conduct, past=past, confirm=confirm) for site in sites)


def _terms(wish: Wish, conduct: Conduct) -> Terms:
    """Return what plans are judged by at this moment."""
    return Terms(limits=wish.limits, freeze=wish.freeze, latitude=wish.latitude, overrides=conduct.overrides())


async def _proposal(site: Site, wish: Wish, past: Past) -> Proposal | None:
    def needs_mode(task: Task) -> bool:
        return wish.planner.mode_matters(task) or past.concerns(task)

    listed = await _listed(site, needs_mode, wish.limits, past)
    if listed is None:
        return None
    return Proposal(
        ref=site.ref,
        plan=wish.planner.plan(listed),
        inventory=listed,
        unknown_modes=sum(task.resume_mode is None and wish.planner.mode_matters(task) for task in listed.tasks),
        history=_history(site),
    )


async def _listed(
    site: Site, needs_mode: Callable[[Task], bool], limits: Limits, past: Past = NO_PAST
) -> Inventory | None:
    """Return the inventory of *site*, by which *past* is settled; None if it cannot be listed, which is recorded."""
    try:
        listed = await observe.inventory(site, needs_mode=needs_mode, read_back=False, most=limits.max_inventory)
        if isinstance(listed, Inventory):
            await past.settle(site, listed)
            return listed
    except Interrupted:
        return None
    site.conduct.recorder.emit(
        TargetFailed(
            target=site.ref.name,
            exit_code=exit_code_of(listed),
            message=listed.message,
            hint=listed.hint,
        )
    )
    return None


def _history(site: Site) -> History | None:
    """Return what earlier runs did there; None if that cannot be read, which is recorded."""
    try:
        return site.conduct.history(site.ref)
    except JournalError as unread:
        site.conduct.recorder.emit(HistoryUnread(target=site.ref.name, message=unread.message, hint=unread.hint))
        return None


async def _roll_out(site: Site, way: Route, wish: Wish, listed_at: float, hold: Hold) -> None:
    try:
        await rollout.send(site, way, wish.rollout, listed_at=listed_at, hold=hold)
    except Interrupted:
        return


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
