"""The journal on the server. Implements `stores.Store` and `stores.Session`."""

import contextlib
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

import psycopg

from enforcer.core.text.database_url import shown
from enforcer.errors import JournalError
from enforcer.journal.postgres import lock, schema
from enforcer.journal.postgres.connection import Dialect, Direct, connect, explained, said
from enforcer.journal.stores import Connection
from enforcer.model.lock import Holder, LockState, StopRequest


class NoMarks:
    """Nothing is known apart from the server, which keeps its log itself. Implements `stores.Marks`."""

    def put(self, _name: str, _number: int) -> None: ...

    def remove(self, _name: str) -> None: ...

    def shortfall(self, _connection: Connection | None, _run_id: str) -> None: ...

    def check_runs(self, _connection: Connection | None, _now: float) -> None: ...

    def check_overrides(self, _last: int) -> None: ...


class PostgresStore:
    """The journal in the database at *url*.

    One connection is kept to read from, since a run asks about once a second; a lost one is made anew by the next who
    asks.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._turn = threading.RLock()
        self._reader: Direct | None = None
        self._is_ours = False

    def __str__(self) -> str:
        return f"the journal at {shown(self._url)}"

    @property
    def marks(self) -> NoMarks:
        return NoMarks()

    @contextmanager
    def reading(self) -> Iterator[Dialect | None]:
        with self._turn:
            if self._reader is None or self._reader.closed:
                self._reader = connect(self._url, "reads")
            with explained(self._url, "read"):
                if not self._is_ours and not schema.is_blank(self._reader):
                    schema.check(self._reader, self._url)
                    self._is_ours = True
                yield Dialect(self._reader) if self._is_ours else None

    @contextmanager
    def writing(self) -> Iterator[Dialect]:
        with self.transactions() as begin, begin() as connection:
            yield connection

    @contextmanager
    def transactions(self) -> Iterator[Callable[[], AbstractContextManager[Dialect]]]:
        with contextlib.closing(self._opened("adds to the records")) as connection:
            yield partial(self._transaction, connection)

    @contextmanager
    def _transaction(self, connection: Direct) -> Iterator[Dialect]:
        with explained(self._url, "written"), connection.transaction():
            connection.execute("SELECT pg_advisory_xact_lock(%s)", (schema.GATE,))
            yield Dialect(connection)

    def for_run(self) -> "PostgresSession":
        return PostgresSession(self._url, self._opened("records a run"))

    def look(self) -> bool:
        with contextlib.closing(connect(self._url, "looks")) as connection, explained(self._url, "looked at"):
            return schema.look(connection, self._url)

    def locks(self, projects: Iterable[tuple[str, str]], holder: Holder) -> lock.PostgresLocks:
        return lock.PostgresLocks(self._url, projects, holder)

    def lock_states(self) -> tuple[LockState, ...]:
        with self.reading() as connection:
            return lock.states(connection) if connection else ()

    def request_stop(self, endpoint: str, project_id: str, request: StopRequest) -> LockState | None:
        return lock.request_stop(self._url, endpoint, project_id, request)

    def close(self) -> None:
        """Let go of the server."""
        with self._turn:
            if self._reader is not None:
                self._reader.close()

    def _opened(self, purpose: str) -> Direct:
        """Return a connection to write with, once the tables are there."""
        connection = connect(self._url, purpose)
        try:
            with explained(self._url, "opened"):
                schema.bring_up_to_date(connection, self._url)
        except BaseException:
            connection.close()
            raise
        return connection


class PostgresSession:
    """The connection of one run."""

    def __init__(self, url: str, connection: Direct) -> None:
        self._url = url
        self._connection = connection

    @contextmanager
    def writing(self) -> Iterator[Dialect]:
        """Give the connection inside a transaction. After a failure it is given up, and what was begun with it."""
        with self.at_once() as connection:
            self._connection.execute("BEGIN")
            yield connection
            self._connection.execute("COMMIT")

    @contextmanager
    def at_once(self) -> Iterator[Dialect]:
        try:
            yield Dialect(self._connection)
        except psycopg.Error as error:
            raise JournalError(said(self._url, error)) from None

    def mark(self, _run_id: str, _number: int) -> None: ...

    def found_room(self, _error: Exception) -> bool:
        """Return False: the disk is the server's."""
        return False

    def finish(self) -> None:
        """Do nothing: a commit is in its place."""

    def close(self) -> None:
        self._connection.close()
