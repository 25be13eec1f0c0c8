"""A migration task as the API reported it, less everything secret, and the list of them."""

from enum import StrEnum
from typing import Final

from msgspec import Struct

NO_BANDWIDTH_LIMIT: Final = 0


class ResumeMode(StrEnum):
    """What a task does after a network fault (UpdateMigrationTask, ``resume_mode``)."""

    AUTO = "auto"
    MANUAL = "manual"


class Task(Struct, frozen=True, kw_only=True, gc=False):
    """One task at one moment. A field that the API left out is None.

    The collector need not know it: it refers to texts alone, and of tasks there may be a million.
    """

    target: str
    """The name of the target whose list it stands in."""
    task_id: str
    task_name: str | None = None
    status: str | None = None
    migration_type: str | None = None
    migration_method: str | None = None
    source_instance_id: str | None = None
    source_instance_name: str | None = None
    target_instance_id: str | None = None
    target_instance_name: str | None = None
    resume_mode: ResumeMode | None = None
    """None: not reported, or reported as something that is no mode."""
    bandwidth_limit_mb: int | None = None
    """Megabytes per second; NO_BANDWIDTH_LIMIT if none is set. None: not known; only the details have it."""
    defect: str | None = None
    """Why no request may be sent for this row, in words; None for a sound row."""


class Inventory(Struct, frozen=True, kw_only=True):
    """The tasks of one target as listed at one moment, each id once, in the order of the list."""

    target: str
    tasks: tuple[Task, ...]
    count: int | None
    """What the API's own ``count`` said on the last page; None if it said nothing usable."""
    pages: int
    shows: int
    """Details calls made for rows without a ``resume_mode``."""
    stable: bool
    """False if the list changed while it was read, or its count and its rows disagree."""
