"""What an earlier run left open, and what a read says became of it. Sending again is not a way to find out."""

from collections.abc import Iterable, Mapping
from typing import TypeAlias

from msgspec import Struct

from enforcer.core.fold.summary import Summary
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
from enforcer.model.report.task import State, TaskReport
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

    The run must not be under way: of one that is, every change in flight would be called open. Takes the entries as
    they come and keeps none of them.
    """
    summary, traces = Summary(), _Traces()
    for entry in entries:
        summary.take((entry,))
        traces.take(entry)
    report = summary.report()
    return EarlierRun(
        run_id=report.run_id,
        died=not traces.is_finished,
        is_marked=traces.is_marked,
        targets=traces.targets,
        open_changes=tuple(
            traces.open_change(target.name, task)
            for target in report.targets
            for task in target.tasks
            if task.state in _OPEN
        ),
        not_attempted={target.name: target.totals.not_attempted for target in report.targets},
    )


class _Traces:
    """What a record says beside its report."""

    def __init__(self) -> None:
        self.targets: tuple[TargetRef, ...] = ()
        self.is_finished = False
        self.is_marked = False
        self._last_attempts: dict[tuple[str, str], float] = {}
        self._recalls: dict[tuple[str, str], ResumeMode] = {}

    def take(self, entry: Entry) -> None:
        match entry.event:
            case ChangeAttempted(target=target, task_id=task_id):
                self._last_attempts[target, task_id] = entry.at
            case ChangeRecalled(target=target, task_id=task_id, desired=desired):
                self._recalls[target, task_id] = desired
            case RunStarted(targets=targets):
                self.targets = tuple(target for target in targets if not target.only_seen)
            case RunFinished():
                self.is_finished = True
            case RunInterrupted():
                self.is_marked = True

    def open_change(self, target: str, task: TaskReport) -> OpenChange:
        """Return what is open of *task*: once it is recalled, its way back."""
        key = target, task.task_id
        return OpenChange(
            target=target,
            task_id=task.task_id,
            before=task.desired if key in self._recalls else task.before,
            desired=self._recalls.get(key, task.desired),
            is_accepted=task.state is State.ACKED,
            attempted_at=self._last_attempts.get(key, 0.0),
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
