"""A plan as a file: what was reviewed, each change with the condition under which it may still be made."""

from enum import StrEnum

from msgspec import Struct

from enforcer.model.limits import Limits
from enforcer.model.notify import Notify
from enforcer.model.override import Override
from enforcer.model.policy import Freeze
from enforcer.model.rollout import Rollout
from enforcer.model.rule import Match
from enforcer.model.task import ResumeMode

FORMAT = "enforcer.plan/1"


class OnMoved(StrEnum):
    """What becomes of a plan of which something has moved since it was made."""

    SKIP = "skip"
    """What moved is skipped, the rest is done."""
    FAIL = "fail"
    """Nothing is sent."""


class SavedChange(Struct, frozen=True, kw_only=True):
    """One change, and what was seen of its task when it was planned."""

    task_id: str
    task_name: str | None
    before: ResumeMode
    """The mode that the task must still have."""
    desired: ResumeMode
    status: str | None
    rule: str
    """What asked for it: a rule's id, ``default``, or an override."""
    origin: str | None
    """``file:line`` of the rule."""
    reason: str | None
    priority: int
    wave: int | None
    """As planned, for those who read it: waves are made again, of what is left, when the plan is applied."""
    risk: str | None
    risk_reasons: tuple[str, ...]


class SavedTarget(Struct, frozen=True, kw_only=True):
    """The project that some of the changes are for."""

    name: str
    region: str | None
    endpoint: str
    iam_endpoint: str | None
    project_id: str
    is_project_named: bool
    """Whether the policy itself names the project; otherwise flags or surroundings did, and have to agree."""
    rate: str | None
    """Instead of the policy's; None: the policy's."""
    changes: tuple[SavedChange, ...]


class SavedPolicy(Struct, frozen=True, kw_only=True):
    """What a plan keeps of its policy, what flags changed included: how it may be carried out, and no rule."""

    name: str
    files: tuple[str, ...]
    sha256: str
    eligible: Match
    overrides: tuple[Override, ...]
    limits: Limits
    freeze: tuple[Freeze, ...]
    rollout: Rollout
    notify: Notify = Notify.NEVER


class SavedPlan(Struct, frozen=True, kw_only=True):
    """What one run of `plan` found, and all that its being applied is judged by."""

    run_id: str
    """Of the run that made it."""
    created: str
    """RFC 3339, UTC: before its tasks were listed."""
    version: str
    policy_path: str
    """Where the policy was read from, absolute."""
    policy: SavedPolicy
    overrides_sha256: str
    """Of the overrides that the plan honours."""
    targets: tuple[SavedTarget, ...]
