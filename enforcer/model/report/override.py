"""What a report says of overrides."""

from dataclasses import dataclass

from enforcer.model.rule import PolicyMode


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideReport:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class EndedOverride:
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


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridesReport:
    in_force: tuple[OverrideReport, ...] = ()
    ended: tuple[EndedOverride, ...] = ()
