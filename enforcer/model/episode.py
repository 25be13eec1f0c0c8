"""A task's past in one run that planned to change it."""

from msgspec import Struct

from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode


class Episode(Struct, frozen=True, kw_only=True):
    """What one run planned for the task, and what became of it."""

    at: str
    """When it was planned: RFC 3339, UTC, milliseconds."""
    task_id: str
    task_name: str | None
    target: str
    before: ResumeMode | None
    desired: ResumeMode
    rule: str
    """The rule, the override or the command that asked for it."""
    state: State
    reason: str | None
    run_id: str
    command: str
    user: str
    host: str
