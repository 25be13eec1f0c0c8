"""What a policy's own tests say: a task, and what should become of it."""

from datetime import datetime

from msgspec import Struct

from enforcer.model.override import Override
from enforcer.model.rule import Origin, PolicyMode
from enforcer.model.task import Task


class Expectation(Struct, frozen=True, kw_only=True):
    """One test of a policy. *mode* or *decided_by* is set, or both."""

    name: str
    task: Task
    origin: Origin
    mode: PolicyMode | None = None
    """LEAVE: the task is left alone, whatever the reason."""
    decided_by: str | None = None
    """A rule's id, ``default``, ``not eligible`` or ``override ID``."""
    at: datetime | None = None
    """An aware time at which to decide; None: the present."""
    overrides: tuple[Override, ...] = ()
    """In force besides those of the policy itself."""
