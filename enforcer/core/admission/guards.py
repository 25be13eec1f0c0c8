"""What may go of a plan, what waits, and why a plan is refused whole.

A guard judges all plans of a run together, before the first PUT, and knows nothing of how they would be applied.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from enforcer.core.admission import completeness, fights
from enforcer.core.admission.budget import PER_INSTANCE, Candidate, Gauge, Meter
from enforcer.core.admission.freeze import frozen
from enforcer.core.overrides.compiled import NO_OVERRIDES, CompiledOverrides
from enforcer.core.overrides.compiled import objection as overridden
from enforcer.model.event import BudgetCount, BudgetCounted, ChangeContested, GlassBroken, InventoryAccepted
from enforcer.model.limits import Budget, Limits
from enforcer.model.plan import NO_LATITUDE, Change, Latitude, Plan, Proposal
from enforcer.model.policy import Freeze
from enforcer.model.task import ResumeMode

JOURNAL_UNREAD: Final = "nothing goes to auto while the journal cannot tell what earlier runs sent"
_OVER_HINT: Final = (
    "If the plan is what you want, send what fits with --allow-partial, take a part of it with --only, "
    "or raise the limit in the policy."
)
NO_BUDGETS: Final = Limits(to_auto=Budget(), to_manual=Budget())
_CLAUSES: Final = 5
"""Limits that a refusal names at most in one direction; there may be one for every instance."""


class Hold(Struct, frozen=True, kw_only=True):
    """A change that does not go, and why."""

    change: Change
    reason: str


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
    waiting = [Hold(change=each[1], reason=why) for each in sound if (why := fights.found(each)) is not None]
    if not latitude.break_glass:
        waiting += _frozen(_without(sound, waiting), terms.freeze, now)
    waiting += _overridden(_without(sound, waiting), terms.overrides, now)
    waiting += _unaccounted(_without(sound, waiting))
    ready = _without(sound, waiting)
    whole = Meter(terms.limits)
    for candidate in ready:
        whole.take(candidate)
    taken = Meter(NO_BUDGETS if latitude.break_glass else terms.limits)
    over = _over(ready, taken, latitude)
    too_many = tuple(_too_many_tasks(proposals, terms.limits))
    whole_lists = completeness.judge(proposals, terms.limits, latitude.accepted)
    unwanted = (
        *_unseen(unseen),
        *too_many,
        *whole_lists.doubts,
        *(said for one in proposals for said in one.plan.objections),
    )
    is_refused = bool(unwanted) or (bool(over) and not latitude.allow_partial)
    deferred = waiting if is_refused else [*waiting, *over]
    return Verdict(
        plans=_going(proposals, _without(sound, deferred)),
        refusals=(*unwanted, *_refusals(whole, ready, latitude)) if is_refused else (),
        deferred=tuple(deferred),
        flagged=tuple(over) if is_refused else (),
        budgets=_budgets(whole if is_refused or latitude.break_glass else taken),
        glass=_glass(sound, whole, terms, now),
        contested=tuple(_newly_contested(sound)),
        accepted=whole_lists.accepted,
        hint=" ".join(filter(None, (whole_lists.hint, _OVER_HINT if over else None))) or None,
    )


def objection(freeze: Sequence[Freeze], standing: CompiledOverrides, change: Change, now: datetime) -> str | None:
    """Return why *change*, which was let go, may not be sent at *now* all the same; None if it may.

    *freeze* are the windows that hold it, () once the glass is broken; *standing* are the overrides there are by now.
    """
    window = frozen(freeze, change.desired, now) if freeze else None
    return overridden(standing, change, now) if window is None else str(window)


def _in_order(proposals: Iterable[Proposal]) -> list[Candidate]:
    """Return every change without an obstacle, first those to manual, then by priority, then as the plans have them."""
    found = [(one, change) for one in proposals for change in one.plan.changes if change.obstacle is None]
    return sorted(found, key=lambda each: (each[1].desired is ResumeMode.AUTO, -each[1].cause.priority))


def _newly_contested(candidates: Iterable[Candidate]) -> Iterator[ChangeContested]:
    for proposal, change in candidates:
        known = proposal.history.contested if proposal.history else ()
        if (change.task.task_id, change.desired) not in known and fights.found((proposal, change)) is not None:
            yield ChangeContested(target=proposal.plan.target, task_id=change.task.task_id, desired=change.desired)


def _frozen(candidates: Iterable[Candidate], freeze: Sequence[Freeze], now: datetime) -> list[Hold]:
    found = {mode: frozen(freeze, mode, now) for mode in ResumeMode}
    return [
        Hold(change=change, reason=str(window))
        for _, change in candidates
        if (window := found[change.desired]) is not None
    ]


def _overridden(candidates: Iterable[Candidate], standing: CompiledOverrides, now: datetime) -> list[Hold]:
    """Return what an override in force forbids, whatever planned it; no latitude passes that."""
    return [
        Hold(change=change, reason=reason)
        for _, change in candidates
        if (reason := overridden(standing, change, now)) is not None
    ]


def _unaccounted(candidates: Iterable[Candidate]) -> list[Hold]:
    return [
        Hold(change=change, reason=JOURNAL_UNREAD)
        for proposal, change in candidates
        if proposal.history is None and change.desired is ResumeMode.AUTO
    ]


def _over(candidates: Iterable[Candidate], taken: Meter, latitude: Latitude) -> list[Hold]:
    """Let *taken* take every candidate that still fits all limits, in their order; return the others."""
    over: list[Hold] = []
    number = 0
    for candidate in candidates:
        change = candidate[1]
        passed = [f"to_{change.desired}: {clause}" for clause in taken.passed_with(candidate)]
        if latitude.max_changes is not None and number >= latitude.max_changes:
            passed.append(_max_changes(number + 1, latitude.max_changes))
        if passed:
            over.append(Hold(change=change, reason="; ".join(passed)))
        else:
            taken.take(candidate)
            number += 1
    return over


def _unseen(targets: Collection[str]) -> Iterator[str]:
    if targets:
        yield (
            f"shard: {', '.join(sorted(targets))} could not be listed, and other shards may change tasks there, "
            "so that the whole plan is not known"
        )


def _too_many_tasks(proposals: Iterable[Proposal], limits: Limits) -> Iterator[str]:
    for one in proposals:
        if one.plan.listed > limits.max_inventory:
            yield (
                f"inventory: more than {limits.max_inventory:,} tasks are listed at {one.plan.target} "
                "(limits.max_inventory), and the rest was not read"
            )


def _refusals(whole: Meter, ready: Sequence[Candidate], latitude: Latitude) -> Iterator[str]:
    if not latitude.break_glass:
        yield from _passed(whole)
    if latitude.max_changes is not None and len(ready) > latitude.max_changes:
        yield _max_changes(len(ready), latitude.max_changes)


def _passed(whole: Meter) -> Iterator[str]:
    """Yield ``to_auto: 14 > 10 (max); 14 > 9 (20% of 47 eligible)`` for each direction in which a limit is passed."""
    several = len(whole.targets) > 1
    for mode in (ResumeMode.AUTO, ResumeMode.MANUAL):
        passed = [gauge for gauge in whole.gauges(mode) if gauge.left < 0]
        if passed:
            clauses = [_clause(gauge, mode, several=several) for gauge in passed[:_CLAUSES]]
            rest = len(passed) - _CLAUSES
            yield f"to_{mode}: {'; '.join(clauses)}" + (f"; and {rest:,} limits more" if rest > 0 else "")


def _glass(sound: Sequence[Candidate], whole: Meter, terms: Terms, now: datetime) -> GlassBroken | None:
    reason = terms.latitude.break_glass
    if reason is None:
        return None
    held = {f"to_{hold.change.desired}: {hold.reason}" for hold in _frozen(sound, terms.freeze, now)}
    return GlassBroken(reason=reason, passed=(*sorted(held), *_passed(whole)))


def _clause(gauge: Gauge, mode: ResumeMode, *, several: bool) -> str:
    note = f"{gauge.note}, {gauge.target}" if several and gauge.target else gauge.note
    origin = "" if gauge.is_written else f", built-in default; limits.to_{mode}.{gauge.limit} sets it"
    return f"{gauge.count:,} > {gauge.allowed:,} ({note}{origin})"


def _max_changes(number: int, most: int) -> str:
    return f"changes: {number:,} > {most:,} (--max-changes)"


def _budgets(meter: Meter) -> tuple[BudgetCounted, ...]:
    counted = ((mode, _readings(meter.gauges(mode))) for mode in (ResumeMode.MANUAL, ResumeMode.AUTO))
    return tuple(BudgetCounted(direction=mode, counts=readings) for mode, readings in counted if readings)


def _readings(gauges: Iterable[Gauge]) -> tuple[BudgetCount, ...]:
    """Return what each gauge shows; of the many for single instances, the fullest of its kind."""
    shown: dict[tuple[str, str | None], Gauge] = {}
    for gauge in gauges:
        key = (gauge.limit, None if gauge.limit in PER_INSTANCE else gauge.target)
        if key not in shown or gauge.left < shown[key].left:
            shown[key] = gauge
    return tuple(gauge.reading() for gauge in shown.values())


def _without(candidates: Iterable[Candidate], held: Iterable[Hold]) -> list[Candidate]:
    out = {_name(hold.change) for hold in held}
    return [each for each in candidates if _name(each[1]) not in out]


def _going(proposals: Iterable[Proposal], going: Iterable[Candidate]) -> tuple[Plan, ...]:
    """Return the plans with *going* as all of their changes, in the order of each plan."""
    chosen = {_name(change) for _, change in going}
    return tuple(
        replace(one.plan, changes=tuple(change for change in one.plan.changes if _name(change) in chosen))
        for one in proposals
    )


def _name(change: Change) -> tuple[str, str]:
    """Return by what a change is told from all others of a run."""
    return change.task.target, change.task.task_id
