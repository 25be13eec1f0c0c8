"""What a plan keeps when it is saved, and the policy that it is carried out under."""

from collections.abc import Mapping

from enforcer.core.text.quantity import parse_rate
from enforcer.model.plan import Change, Plan
from enforcer.model.policy import Policy, Target
from enforcer.model.report.task import TaskReport
from enforcer.model.savedplan import SavedChange, SavedPlan, SavedPolicy, SavedTarget


def settings(plan: SavedPlan) -> Policy:
    """Return the policy that *plan* is applied under: its limits, for its targets, without a rule."""
    return Policy(
        name=plan.policy.name,
        files=plan.policy.files,
        sha256=plan.policy.sha256,
        targets=tuple(_target(each) for each in plan.targets),
        eligible=plan.policy.eligible,
        overrides=plan.policy.overrides,
        limits=plan.policy.limits,
        freeze=plan.policy.freeze,
        rollout=plan.policy.rollout,
        notify=plan.policy.notify,
    )


def _target(saved: SavedTarget) -> Target:
    return Target(
        name=saved.name,
        region=saved.region,
        project_id=saved.project_id,
        endpoint=saved.endpoint,
        iam_endpoint=saved.iam_endpoint,
        rate=None if saved.rate is None else parse_rate(saved.rate),
    )


def saved_policy(policy: Policy) -> SavedPolicy:
    """Return what a plan made under *policy* keeps of it."""
    return SavedPolicy(
        name=policy.name,
        files=policy.files,
        sha256=policy.sha256,
        eligible=policy.eligible,
        overrides=policy.overrides,
        limits=policy.limits,
        freeze=policy.freeze,
        rollout=policy.rollout,
        notify=policy.notify,
    )


def saved_changes(plan: Plan, told: Mapping[str, TaskReport]) -> tuple[SavedChange, ...]:
    """Return the changes of *plan* to save; *told*, by task id, has the waves and risks that the same run found."""
    return tuple(_saved(change, told.get(change.task.task_id)) for change in plan.changes if change.obstacle is None)


def _saved(change: Change, told: TaskReport | None) -> SavedChange:
    task, cause = change.task, change.cause
    if task.resume_mode is None:
        raise ValueError(f"task {task.task_id} may not be sent: its mode is not known")
    return SavedChange(
        task_id=task.task_id,
        task_name=task.task_name,
        before=task.resume_mode,
        desired=change.desired,
        status=task.status,
        rule=cause.name,
        origin=cause.origin,
        reason=cause.reason,
        priority=cause.priority,
        wave=told.wave if told else None,
        risk=told.risk if told else None,
        risk_reasons=told.risk_reasons if told else (),
    )
