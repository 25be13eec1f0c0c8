"""What can be said of overrides when a plan is made."""

from typing import ClassVar, TypeAlias

from msgspec import Struct

from enforcer.model.rule import PolicyMode


class OverrideFacts(Struct, frozen=True, kw_only=True):
    """An override as it was when the plan was made. Times are RFC 3339, in UTC."""

    id: str
    mode: PolicyMode
    patterns: tuple[str, ...]
    targets: tuple[str, ...]
    reason: str
    ticket: str | None
    owner: str
    created: str
    expires: str
    left_s: float
    """Seconds until it expires; 0 if it is over."""
    origin: str | None
    """``file:line``, if it stands in a policy."""
    ended_at: str | None = None
    """When it stopped to hold; None: it is in force."""
    ended_by: str | None = None
    """Who ended it; None: it is in force, or expired."""


class OverrideHonoured(Struct, frozen=True, kw_only=True):
    """An override was in force when the target's plan was made, and decided that many of its tasks."""

    kind: ClassVar[str] = "override.honoured"
    target: str
    override: OverrideFacts
    tasks: int


class OverrideReleased(Struct, frozen=True, kw_only=True):
    """An override has ended since the run before. It would have prevented the planned changes of these tasks."""

    kind: ClassVar[str] = "override.released"
    target: str
    override: OverrideFacts
    task_ids: tuple[str, ...]


class OverridesConflicted(Struct, frozen=True, kw_only=True):
    """Overrides in force ask for different modes of the same tasks; the safest of them was taken."""

    kind: ClassVar[str] = "overrides.conflicted"
    target: str
    override_ids: tuple[str, ...]
    """The one that was taken first."""
    mode: PolicyMode
    """What was taken."""
    tasks: int


OfOverride: TypeAlias = OverrideHonoured | OverrideReleased | OverridesConflicted
