"""What an earlier run left open, and what a read says became of it. Sending again is not a way to find out."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from enforcer.core.fold.summary import fold
from enforcer.model.event import (
    ChangeAttempted,
    ChangeFailed,
    ChangeGone,
    ChangeMismatched,
    ChangeRecalled,
    ChangeVerified,
    Entry,
    RunFinished,
    RunInterrupted,
    RunStarted,
    TargetRef,
)
from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode, Task

Settlement: TypeAlias = ChangeVerified | ChangeFailed | ChangeMismatched | ChangeGone

_OPEN = (State.UNKNOWN, State.ACKED)


class OpenChange(Struct, frozen=True, kw_only=True):
    """A change that was sent, and of which no read has told whether it shows."""

    target: str
    """The name that the earlier run gave to the target."""
    task_id: str
    before: ResumeMode | None
    desired: ResumeMode
    is_accepted: bool
    """Whether the API took it; otherwise no answer to it is known."""
    attempted_at: float
    """Of its last attempt, Unix time in seconds."""


class EarlierRun(Struct, frozen=True, kw_only=True):
    """A run of the past as far as a later one is concerned."""

    run_id: str
    died: bool
    """Whether its record has no end."""
    is_marked: bool
    """Whether an earlier run than this one has found that it died."""
    targets: tuple[TargetRef, ...]
    """Those that it could change."""
    open_changes: tuple[OpenChange, ...]
    not_attempted: Mapping[str, int]
    """How many planned changes it never sent, by its target."""


def earlier_run(entries: Iterable[Entry]) -> EarlierRun:
    """Return what the run that *entries* tell of has left; raise ValueError without a RunStarted.

    The run must not be under way: of one that is, every change in flight would be called open.
    """
    known = tuple(entries)
    report = fold(known)
    events = [entry.event for entry in known]
    (started,) = (event for event in events[:1] if isinstance(event, RunStarted))
    last_attempts = {
        (entry.event.target, entry.event.task_id): entry.at
        for entry in known
        if isinstance(entry.event, ChangeAttempted)
    }
    # Once it is recalled, what is open of a change is its way back.
    recalls = {(event.target, event.task_id): event.desired for event in events if isinstance(event, ChangeRecalled)}
    return EarlierRun(
        run_id=report.run_id,
        died=not any(isinstance(event, RunFinished) for event in events),
        is_marked=any(isinstance(event, RunInterrupted) for event in events),
        targets=tuple(target for target in started.targets if not target.only_seen),
        open_changes=tuple(
            OpenChange(
                target=target.name,
                task_id=task.task_id,
                before=task.desired if (target.name, task.task_id) in recalls else task.before,
                desired=recalls.get((target.name, task.task_id), task.desired),
                is_accepted=task.state is State.ACKED,
                attempted_at=last_attempts.get((target.name, task.task_id), 0.0),
            )
            for target in report.targets
            for task in target.tasks
            if task.state in _OPEN
        ),
        not_attempted={target.name: target.totals.not_attempted for target in report.targets},
    )


def settlement(change: OpenChange, task: Task | None, *, is_fresh: bool) -> Settlement | None:
    """Return what a read that found *task* (None: it does not exist) says of *change*; None if it says nothing yet.

    *is_fresh*: the attempt is so recent that the API may still be about to show it, so that the mode before proves
    nothing. A row that is not sound proves nothing either.
    """
    target, task_id = change.target, change.task_id
    if task is None:
        return ChangeGone(target=target, task_id=task_id, message="it is no longer in the list of tasks")
    if task.defect is not None:
        return None
    if task.resume_mode is change.desired:
        return ChangeVerified(target=target, task_id=task_id, observed=change.desired)
    if is_fresh:
        return None
    if task.resume_mode is change.before and not change.is_accepted:
        return ChangeFailed(
            target=target,
            task_id=task_id,
            failure="not_applied",
            message="no answer is known, and a later read shows the mode before: not applied, or set back since",
        )
    return ChangeMismatched(target=target, task_id=task_id, observed=task.resume_mode)
