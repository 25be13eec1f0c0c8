"""What holds single changes of a plan, whatever else is in it: fights, freeze windows, overrides, an unread journal."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from msgspec import Struct

from enforcer.core.admission import fights
from enforcer.core.admission.budget import Candidate
from enforcer.core.admission.freeze import frozen
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.overrides.compiled import objection as overridden
from enforcer.model.event import ChangeContested
from enforcer.model.plan import Change
from enforcer.model.policy import Freeze
from enforcer.model.task import ResumeMode

JOURNAL_UNREAD: Final = "nothing goes to auto while the journal cannot tell what earlier runs sent"


class Hold(Struct, frozen=True, kw_only=True):
    """A change that does not go, and why."""

    change: Change
    reason: str


def waiting(
    candidates: Sequence[Candidate], freeze: Sequence[Freeze], standing: CompiledOverrides, now: datetime
) -> list[Hold]:
    """Return those of *candidates* that have to wait at *now*, each for the first thing that holds it.

    *freeze* are the windows that hold changes, () once the glass is broken; *standing* are the overrides there are.
    """
    held = _contested(candidates)
    held += in_freeze(without(candidates, held), freeze, now)
    held += _overridden(without(candidates, held), standing, now)
    held += _unaccounted(without(candidates, held))
    return held


def objection(freeze: Sequence[Freeze], standing: CompiledOverrides, change: Change, now: datetime) -> str | None:
    """Return why *change*, which was let go, may not be sent at *now* all the same; None if it may.

    *freeze* and *standing* are as for `waiting`, by now: a window may have begun since, an override been added.
    """
    window = frozen(freeze, change.desired, now) if freeze else None
    return overridden(standing, change, now) if window is None else str(window)


def in_freeze(candidates: Iterable[Candidate], freeze: Sequence[Freeze], now: datetime) -> list[Hold]:
    """Return those of *candidates* that one of the windows *freeze* holds at *now*."""
    found = {mode: frozen(freeze, mode, now) for mode in ResumeMode}
    return [
        Hold(change=change, reason=str(window))
        for _, change in candidates
        if (window := found[change.desired]) is not None
    ]


def newly_contested(candidates: Iterable[Candidate]) -> Iterator[ChangeContested]:
    """Yield those of *candidates* that are contested and were not known to be so before."""
    for proposal, change in candidates:
        known = proposal.history.contested if proposal.history else ()
        if (change.task.task_id, change.desired) not in known and fights.found((proposal, change)) is not None:
            yield ChangeContested(target=proposal.plan.target, task_id=change.task.task_id, desired=change.desired)


def without(candidates: Iterable[Candidate], held: Iterable[Hold]) -> list[Candidate]:
    """Return *candidates* less those that are *held*."""
    out = {name(hold.change) for hold in held}
    return [each for each in candidates if name(each[1]) not in out]


def name(change: Change) -> tuple[str, str]:
    """Return by what a change is told from all others of a run."""
    return change.task.target, change.task.task_id


def _contested(candidates: Iterable[Candidate]) -> list[Hold]:
    return [Hold(change=each[1], reason=why) for each in candidates if (why := fights.found(each)) is not None]


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
