"""What a run has planned, and what the guards say of it, put on record."""

from collections.abc import Sequence

from enforcer.core.admission.guards import Verdict
from enforcer.core.overrides.events import override_events
from enforcer.core.patterns.selection import unmatched
from enforcer.model.event import (
    ChangeDeferred,
    ChangeFlagged,
    ChangePlanned,
    ChangeSkipped,
    ChangeWithheld,
    InventoryCompared,
    LeftCount,
    PlanBuilt,
    PlanContradicted,
    PlanRefused,
    SelectionUnmatched,
)
from enforcer.model.plan import Change, Plan, Proposal
from enforcer.model.task import ResumeMode
from enforcer.run.recording import Recorder


def comparison(proposal: Proposal, recorder: Recorder) -> None:
    """Record how the list compares with what earlier runs listed, if that is known."""
    if proposal.history is None:
        return
    baseline = proposal.history.baseline
    recorder.emit(
        InventoryCompared(
            target=proposal.plan.target,
            tasks=proposal.plan.listed,
            baseline=None if baseline is None else baseline.tasks,
            baseline_run=None if baseline is None else baseline.run_id,
        )
    )


def selection(only: Sequence[str], proposals: Sequence[Proposal], recorder: Recorder) -> None:
    """Record which of the patterns *only* fit none of the tasks."""
    patterns = unmatched(only, [task for one in proposals for task in one.inventory.tasks]) if only else ()
    if patterns:
        recorder.emit(SelectionUnmatched(patterns=patterns))


def plan(plan: Plan, recorder: Recorder) -> None:
    """Record *plan*: every change with the mode before, and what is left alone, and why."""
    for change in plan.changes:
        recorder.emit(_planned(change))
        if change.obstacle is not None:
            recorder.emit(ChangeSkipped(target=plan.target, task_id=change.task.task_id, reason=change.obstacle))
    reasons: dict[str, int] = {}
    for left in plan.left:
        reasons[left.reason] = reasons.get(left.reason, 0) + 1
    for each in plan.withheld:
        recorder.emit(
            ChangeWithheld(target=plan.target, task_id=each.task_id, task_name=each.task_name, reason=each.reason)
        )
    for mode in ResumeMode:
        against = tuple(change.task.task_id for change in plan.contradicted if change.desired is mode)
        if against:
            recorder.emit(PlanContradicted(target=plan.target, desired=mode, task_ids=against))
    recorder.emit(
        PlanBuilt(
            target=plan.target,
            listed=plan.listed,
            eligible=plan.eligible,
            in_sync=plan.in_sync,
            planned=len(plan.changes),
            left=tuple(LeftCount(reason=reason, count=count) for reason, count in sorted(reasons.items())),
        )
    )
    for event in override_events(plan):
        recorder.emit(event)


def verdict(verdict: Verdict, recorder: Recorder) -> None:
    """Record what the guards say: what they let go, what waits, and why they refuse if they do."""
    for accepted in verdict.accepted:
        recorder.emit(accepted)
    if verdict.glass is not None:
        recorder.emit(verdict.glass)
    for contested in verdict.contested:
        recorder.emit(contested)
    for budget in verdict.budgets:
        recorder.emit(budget)
    for kind, holds in ((ChangeDeferred, verdict.deferred), (ChangeFlagged, verdict.flagged)):
        for hold in holds:
            task = hold.change.task
            recorder.emit(kind(target=task.target, task_id=task.task_id, reason=hold.reason))
    if verdict.refusals:
        recorder.emit(PlanRefused(reasons=verdict.refusals, hint=verdict.hint))


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
