"""A rule of a policy: which tasks it speaks of, and which mode it asks for."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class PolicyMode(StrEnum):
    """What a rule or the default asks for; *leave* means: do not touch."""

    AUTO = "auto"
    MANUAL = "manual"
    LEAVE = "leave"


class Origin(Struct, frozen=True, kw_only=True):
    """Where something stands in the policy's text."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Match(Struct, frozen=True, kw_only=True):
    """A test on a task: every field that is set must hit; a field hits if any of its patterns does.

    A pattern is the text of the policy: a glob, or ``re:`` and an RE2 expression (docs/policy.md).
    The names are those of `Task`. An empty tuple is a field that is not set.
    """

    task_id: tuple[str, ...] = ()
    task_name: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    migration_type: tuple[str, ...] = ()
    migration_method: tuple[str, ...] = ()
    source_instance_id: tuple[str, ...] = ()
    source_instance_name: tuple[str, ...] = ()
    target_instance_id: tuple[str, ...] = ()
    target_instance_name: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    not_: "Match | None" = None
    """Written ``not`` in a policy: the rule does not match what this matches."""


class Rule(Struct, frozen=True, kw_only=True):
    """One match and the mode it asks for."""

    id: str
    match: Match
    mode: PolicyMode
    origin: Origin
    reason: str | None = None
    expires: datetime | None = None
    """An aware time; from then on the rule no longer matches."""
    priority: int = 0
    """Order inside a run: higher first."""
