"""What a run needs from outside, as small protocols.

Adapters (`dcs`, `journal`, `run.throttle`, sinks in `cli`) implement them; `cli.wiring` puts them together.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Protocol

from enforcer.model.answer import Failure, Page, Reply
from enforcer.model.event import Entry, Event, RunStopped
from enforcer.model.lock import LockState
from enforcer.model.task import ResumeMode, Task


class TaskApi(Protocol):
    """The DCS migration-task calls of one target. Each call is exactly one request on the wire.

    Expected failures come back as values. Cancellation passes through.
    """

    @property
    def skew_s(self) -> float | None:
        """How far this machine's clock was ahead of the server's when it was last measured, in seconds."""
        ...

    @property
    def expires_at(self) -> float | None:
        """When the credentials that were accepted last expire, Unix time; None: no end of them is known."""
        ...

    def hush(self) -> None:
        """Let no further request leave: calls that have sent nothing yet, and later ones, come back as WITHDRAWN."""
        ...

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        """Return the rows from *offset* (0-based) on, at most *limit* (1 to 1000)."""
        ...

    async def list_modes(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        """Do as `list_page`, and return of each task nothing but its id, its mode and its defect."""
        ...

    async def show(self, task_id: str) -> Reply[Task] | Failure:
        """Return one task with its details, less everything secret."""
        ...

    async def set_mode(self, task_id: str, mode: ResumeMode) -> Reply[None] | Failure:
        """Ask the API to set *mode*. A Reply means taken, not yet visible."""
        ...


class Throttle(Protocol):
    """The request rate of one target."""

    @property
    def is_unlimited(self) -> bool:
        """Whether nothing limits the target, as far as is known: whoever is ready may start."""
        ...

    async def permit(self, ready: Callable[[], Awaitable[object]] | None = None) -> float | None:
        """Return when a request may start, first come, first served: the time of its start.

        *ready* is awaited moments before, for what has to be done first, unless a stop comes before that; what it
        raises is raised. None: nothing may start, since a stop or a pause has come meanwhile.
        """
        ...

    def heard(self, started: float, answer: object) -> None:
        """Take note of what came of the request that *started* then: a Reply, a Failure, or None for nothing."""
        ...


class Sink(Protocol):
    """Something that shows or counts events: log, progress, the report."""

    def take(self, entries: Sequence[Entry]) -> None:
        """Take *entries*, the next ones in their order, without waiting."""
        ...


class Journal(Protocol):
    """What keeps events; its word counts after a crash."""

    def emit(self, entry: Entry) -> None:
        """Take *entry* at once, without waiting."""
        ...

    async def flushed(self, number: int | None = None) -> None:
        """Return when entry *number* and all before it are durable; None: all that were emitted.

        Raises JournalError if they cannot be.
        """
        ...


class Locks(Protocol):
    """The locks of all projects that a run may change; all of them or none."""

    def take(self) -> LockState | None:
        """Take as many as can be had; return the first that another holds, None when all are held.

        Never waits for another run. Raises JournalError if a lock cannot be used.
        """
        ...

    def objection(self) -> RunStopped | None:
        """Return why the holder must stop: a lock is lost, or somebody asks for it. None: it may go on."""
        ...

    def release(self) -> None:
        """Give every lock back. Never raises."""
        ...


class Records(Protocol):
    """What earlier runs recorded. Both methods hold up their caller, which has nothing in flight yet."""

    def unsettled(self) -> Iterable[Iterable[Entry]]:
        """Return, run by run, the entries of those without an end, or with changes that nobody has read since.

        They may be read only as they are taken: a run has millions of them, at the worst. Raises JournalError, then or
        at once, if they cannot be read.
        """
        ...

    def append(self, run_id: str, at: float, events: Sequence[Event]) -> None:
        """Add *events*, which happened at *at* (Unix time), to the record of a run that is over: all or none.

        They are durable on return. Raises JournalError if they cannot be.
        """
        ...
