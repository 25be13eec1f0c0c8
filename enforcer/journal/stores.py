"""What the records of runs need of a database, as small protocols: `sqlite` and `postgres` implement them.

The queries stand beside what they are asked for, in SQL that both understand: parameters are question marks, and
`json_extract` gives a value out of JSON, which is cast where it is more than a text. What ``INDEXED BY`` says is for
SQLite alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, Final, Protocol, TypeAlias

if TYPE_CHECKING:
    from enforcer.model.lock import Holder, LockState, StopRequest
    from enforcer.ports import Locks

OVERRIDES: Final = "overrides"
"""The name of the record of the steps of overrides; those of runs have the runs' ids."""

Value: TypeAlias = str | int | float | None


class Rows(Protocol):
    """What a query found."""

    def fetchone(self) -> Any:
        """Return the next row, a tuple, or None."""
        ...

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        ...

    def __iter__(self) -> Iterator[Any]: ...


class Connection(Protocol):
    """A connection to the database."""

    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Rows:
        """Carry out one statement."""
        ...

    def executemany(self, sql: str, parameters: Iterable[Sequence[Value]], /) -> object:
        """Carry out one statement for each of *parameters*."""
        ...


Begin: TypeAlias = Callable[[], AbstractContextManager[Connection]]
"""Begins a transaction, which ends with the block: all of it, or nothing."""


class Marks(Protocol):
    """How far records went, known apart from the database, so that it is missed if it loses some of them."""

    def put(self, name: str, number: int) -> None:
        """Say that the record *name* goes up to *number*, as far as that can be said."""
        ...

    def remove(self, name: str) -> None:
        """Forget the record *name*, which is deleted."""
        ...

    def shortfall(self, connection: Connection | None, run_id: str) -> str | None:
        """Return what is missing at the end of a run's record, in a sentence without a full stop; None: nothing is.

        *connection* is one to the database; None: nothing was ever written there. Raises JournalError.
        """
        ...

    def check_runs(self, connection: Connection | None, now: float) -> None:
        """Raise JournalError if a run's record of the last 24 hours before *now*, Unix time, lacks its end.

        *connection* is one to the database; None: nothing was ever written there.
        """
        ...

    def check_overrides(self, last: int) -> None:
        """Raise JournalError if the steps of overrides, which end with the number *last*, once went further."""
        ...


class Session(Protocol):
    """The connection of one run, which writes its events. It may be handed from one thread to another, once."""

    def writing(self) -> AbstractContextManager[Connection]:
        """Give the connection inside one transaction; it is durable when the block has ended, or nothing of it is."""
        ...

    def at_once(self) -> AbstractContextManager[Connection]:
        """Give the connection for one statement; it is durable when it has been executed, or nothing of it is."""
        ...

    def mark(self, run_id: str, number: int) -> None:
        """Take note, apart from the database, that the record of the run goes up to *number*; never raises."""
        ...

    def found_room(self, error: Exception) -> bool:
        """Return whether *error* was a full disk, and room has been found for a second try, which there is once."""
        ...

    def finish(self) -> None:
        """Bring what is written into its final place; what fails here is no loss."""
        ...

    def close(self) -> None:
        """Let go of the database. Never raises."""
        ...


class Store(Protocol):
    """Where the records and the locks are. As a text, it is named as people know it, without any secret."""

    @property
    def marks(self) -> Marks:
        """What is known of the records apart from the database."""
        ...

    def reading(self) -> AbstractContextManager[Connection | None]:
        """Give a connection to read from for as long as the block lasts; None if nothing was ever written.

        Never creates anything. Whatever the database raises inside the block becomes a JournalError.
        """
        ...

    def writing(self) -> AbstractContextManager[Connection]:
        """Give a connection inside one transaction, which nobody else's `writing` overlaps: all of it, or nothing.

        It is durable when the block has ended. Whatever the database raises inside it becomes a JournalError.
        """
        ...

    def transactions(self) -> AbstractContextManager[Begin]:
        """Give what begins a transaction like that of `writing`, one after the other over a single connection.

        A failure is the end of it: nothing can be begun after that.
        """
        ...

    def for_run(self) -> Session:
        """Return the connection of a new run, once all is found fit for it. Raises JournalError."""
        ...

    def look(self) -> bool:
        """Return whether anything is kept there yet, and make nothing; raise JournalError if no run could be."""
        ...

    def locks(self, projects: Iterable[tuple[str, str]], holder: Holder) -> Locks:
        """Return the locks of *projects*, pairs of endpoint and project id, for *holder*; none of them is taken yet."""
        ...

    def lock_states(self) -> tuple[LockState, ...]:
        """Return every lock that was ever taken, by endpoint and project. Raises JournalError."""
        ...

    def request_stop(self, endpoint: str, project_id: str, request: StopRequest) -> LockState | None:
        """Ask the holder of a lock to stop, and return the lock; None if nobody holds it, and then nothing is written.

        The holder looks about twice a second, finishes what is in flight and ends with exit 5. A later request
        replaces an earlier one. Raises JournalError if it cannot be written.
        """
        ...
