"""Who has the right to change a project, and who asks them to stop."""

from msgspec import Struct


class Holder(Struct, frozen=True, kw_only=True):
    """A run that holds locks, as it describes itself in them."""

    run_id: str
    command: str
    user: str
    host: str
    pid: int
    since: float
    """When the run set out: Unix time in seconds, UTC."""


class LockState(Struct, frozen=True, kw_only=True):
    """The lock of one project at one endpoint, as it was found."""

    endpoint: str
    project_id: str
    is_held: bool
    """Whether a living process has it now, which is the kernel's word and not the holder's."""
    holder: Holder | None
    """The run that took it last. None: it has not said so yet, or what it said cannot be read."""


class StopRequest(Struct, frozen=True, kw_only=True):
    """Somebody wants the holder of a lock to stop."""

    who: str
    why: str
    at: float
    """Unix time in seconds, UTC. A holder that set out later does not heed it."""
    by_run: str | None = None
    """The run that waits for the lock, which does not heed it itself when it has it; None: no run does."""
