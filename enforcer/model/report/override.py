"""What a report says of overrides."""

from msgspec import Struct

from enforcer.model.rule import PolicyMode


class OverrideReport(Struct, frozen=True, kw_only=True):
    """An override that was in force. Times are RFC 3339, in UTC."""

    id: str
    mode: PolicyMode
    patterns: tuple[str, ...]
    targets: tuple[str, ...]
    """Empty: every target."""
    reason: str
    ticket: str | None
    owner: str
    created: str
    expires: str
    origin: str | None
    """``file:line``, if it stands in a policy."""
    tasks: int
    """How many tasks it decided."""
    left_s: float
    """Seconds that it had left."""
    ends_within_24h: bool


class EndedOverride(Struct, frozen=True, kw_only=True):
    """An override that has ended since the run before."""

    id: str
    mode: PolicyMode
    reason: str
    owner: str
    ended_at: str
    ended_by: str | None
    """None: it expired."""
    task_ids: tuple[str, ...]
    """The tasks whose planned changes it would have prevented."""


class OverridesReport(Struct, frozen=True, kw_only=True):
    in_force: tuple[OverrideReport, ...] = ()
    ended: tuple[EndedOverride, ...] = ()
