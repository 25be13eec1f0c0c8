"""What may go of a plan, what waits, and why a plan is refused whole.

A guard judges all plans of a run together, before the first PUT, and knows nothing of how they would be applied.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from enforcer.core.admission import completeness, holds, refusals
from enforcer.core.admission.budget import Candidate, Meter
from enforcer.core.admission.holds import Hold
from enforcer.core.overrides.compiled import NO_OVERRIDES, CompiledOverrides
from enforcer.model.event import BudgetCounted, ChangeContested, GlassBroken, InventoryAccepted
from enforcer.model.limits import Budget, Limits
from enforcer.model.plan import NO_LATITUDE, Latitude, Plan, Proposal
from enforcer.model.policy import Freeze
from enforcer.model.task import ResumeMode

NO_BUDGETS: Final = Limits(to_auto=Budget(), to_manual=Budget())


class Verdict(Struct, frozen=True, kw_only=True):
    """What the guards say of the plans of a run."""

    plans: tuple[Plan, ...]
    """Less every change that has an obstacle or is deferred: what may be sent, unless the run is refused."""
    refusals: tuple[str, ...]
    """One sentence for each guard that says no to the whole run; () means go."""
    deferred: tuple[Hold, ...]
    flagged: tuple[Hold, ...]
    """The changes because of which the run is refused."""
    budgets: tuple[BudgetCounted, ...]
    glass: GlassBroken | None = None
    """That freeze and budgets were passed; None: they were not to be."""
    contested: tuple[ChangeContested, ...] = ()
    """Those that were not known to be so before."""
    accepted: tuple[InventoryAccepted, ...] = ()
    hint: str | None = None
    """What to do about the refusals."""


class Terms(Struct, frozen=True, kw_only=True):
    """What the plans of a run are judged by."""

    limits: Limits
    freeze: tuple[Freeze, ...] = ()
    latitude: Latitude = NO_LATITUDE
    overrides: CompiledOverrides = NO_OVERRIDES


def judge(
    proposals: Sequence[Proposal], terms: Terms, now: datetime, *, unseen: Collection[str] = frozenset()
) -> Verdict:
    """Judge the *proposals* of one run together, as of *now*.

    *unseen* are targets whose changes others may be sending and that could not be listed here: without them nobody
    can say what the plan comes to.

    A limit is passed when the number is more than it. What would not be sent anyway does not count. With
    ``allow_partial``, the first changes that fit all limits go, and the others are deferred; with ``break_glass``,
    neither freeze nor budgets hold anything back.
    """
    latitude = terms.latitude
    sound = _in_order(proposals)
    waiting = holds.waiting(sound, () if latitude.break_glass else terms.freeze, terms.overrides, now)
    ready = holds.without(sound, waiting)
    whole = Meter(terms.limits)
    for candidate in ready:
        whole.take(candidate)
    taken = Meter(NO_BUDGETS if latitude.break_glass else terms.limits)
    over = _over(ready, taken, latitude)
    whole_lists = completeness.judge(proposals, terms.limits, latitude.accepted)
    unwanted = (
        *refusals.unseen(unseen),
        *refusals.too_many_tasks(proposals, terms.limits),
        *whole_lists.doubts,
        *(said for one in proposals for said in one.plan.objections),
    )
    is_refused = bool(unwanted) or (bool(over) and not latitude.allow_partial)
    deferred = waiting if is_refused else [*waiting, *over]
    return Verdict(
        plans=_going(proposals, holds.without(sound, deferred)),
        refusals=(*unwanted, *_passed(whole, len(ready), latitude)) if is_refused else (),
        deferred=tuple(deferred),
        flagged=tuple(over) if is_refused else (),
        budgets=(whole if is_refused or latitude.break_glass else taken).counted(),
        glass=_glass(sound, whole, terms, now),
        contested=tuple(holds.newly_contested(sound)),
        accepted=whole_lists.accepted,
        hint=" ".join(filter(None, (whole_lists.hint, refusals.OVER_HINT if over else None))) or None,
    )


def _in_order(proposals: Iterable[Proposal]) -> list[Candidate]:
    """Return every change without an obstacle, first those to manual, then by priority, then as the plans have them."""
    found = [(one, change) for one in proposals for change in one.plan.changes if change.obstacle is None]
    return sorted(found, key=lambda each: (each[1].desired is ResumeMode.AUTO, -each[1].cause.priority))


def _over(candidates: Iterable[Candidate], taken: Meter, latitude: Latitude) -> list[Hold]:
    """Let *taken* take every candidate that still fits all limits, in their order; return the others."""
    over: list[Hold] = []
    number = 0
    for candidate in candidates:
        change = candidate[1]
        passed = [f"to_{change.desired}: {clause}" for clause in taken.passed_with(candidate)]
        if latitude.max_changes is not None and number >= latitude.max_changes:
            passed.append(refusals.max_changes(number + 1, latitude.max_changes))
        if passed:
            over.append(Hold(change=change, reason="; ".join(passed)))
        else:
            taken.take(candidate)
            number += 1
    return over


def _passed(whole: Meter, number: int, latitude: Latitude) -> Iterator[str]:
    """Yield what the *number* of changes that *whole* has taken pass, each limit as a reason to refuse them."""
    if not latitude.break_glass:
        yield from refusals.limits_passed(whole)
    if latitude.max_changes is not None and number > latitude.max_changes:
        yield refusals.max_changes(number, latitude.max_changes)


def _glass(sound: Sequence[Candidate], whole: Meter, terms: Terms, now: datetime) -> GlassBroken | None:
    reason = terms.latitude.break_glass
    if reason is None:
        return None
    held = {f"to_{hold.change.desired}: {hold.reason}" for hold in holds.in_freeze(sound, terms.freeze, now)}
    return GlassBroken(reason=reason, passed=(*sorted(held), *refusals.limits_passed(whole)))


def _going(proposals: Iterable[Proposal], going: Iterable[Candidate]) -> tuple[Plan, ...]:
    """Return the plans with *going* as all of their changes, in the order of each plan."""
    chosen = {holds.name(change) for _, change in going}
    return tuple(
        replace(one.plan, changes=tuple(change for change in one.plan.changes if holds.name(change) in chosen))
        for one in proposals
    )
