"""The store in a state directory: one SQLite file. Needs nothing but a local disk. Implements `stores.Store`."""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from enforcer.journal.sqlite import directory, file
from enforcer.journal.sqlite.marks import FileMarks, Mark

if TYPE_CHECKING:
    from enforcer.journal.sqlite.lock import Locks
    from enforcer.model.lock import Holder, LockState, StopRequest


class SqliteStore:
    """The journal's file in *state_dir*; *any_file_system* lets network file systems pass."""

    def __init__(self, state_dir: Path, *, any_file_system: bool = False) -> None:
        self._state_dir = state_dir
        self._any_file_system = any_file_system

    @property
    def marks(self) -> FileMarks:
        return FileMarks(self._state_dir / "marks")

    def __str__(self) -> str:
        return f"the journal {file.path_in(self._state_dir)}"

    def reading(self) -> AbstractContextManager[sqlite3.Connection | None]:
        return file.reading(self._state_dir)

    def writing(self) -> AbstractContextManager[sqlite3.Connection]:
        return file.writing(self._state_dir, any_file_system=self._any_file_system)

    def transactions(self) -> AbstractContextManager[file.Begin]:
        return file.transactions(self._state_dir, any_file_system=self._any_file_system)

    def for_run(self) -> SqliteSession:
        connection = file.open_for_run(self._state_dir, any_file_system=self._any_file_system)
        return SqliteSession(self._state_dir, connection, self.marks)

    def look(self) -> bool:
        return file.look(self._state_dir, any_file_system=self._any_file_system)

    def locks(self, projects: Iterable[tuple[str, str]], holder: Holder) -> Locks:
        from enforcer.journal.sqlite.lock import Locks

        return Locks(self._state_dir, projects, holder)

    def lock_states(self) -> tuple[LockState, ...]:
        from enforcer.journal.sqlite import lock

        return lock.states(self._state_dir)

    def request_stop(self, endpoint: str, project_id: str, request: StopRequest) -> LockState | None:
        from enforcer.journal.sqlite import lock

        return lock.request_stop(self._state_dir, endpoint, project_id, request)


class SqliteSession:
    """The connection of one run. Implements `stores.Session`."""

    def __init__(self, state_dir: Path, connection: sqlite3.Connection, marks: FileMarks) -> None:
        self._state_dir = state_dir
        self.connection = connection
        self._marks = marks
        self._mark: Mark | None = None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        self.connection.execute("BEGIN IMMEDIATE")
        yield self.connection
        self.connection.execute("COMMIT")

    def at_once(self) -> AbstractContextManager[sqlite3.Connection]:
        return contextlib.nullcontext(self.connection)

    def mark(self, run_id: str, number: int) -> None:
        if self._mark is None:
            self._mark = Mark(self._marks.path(run_id))
        self._mark.put(number)

    def found_room(self, error: Exception) -> bool:
        """Give up the room that was kept for this, if the disk is full, and take back what did not fit."""
        if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_FULL:
            return False
        directory.give_up_ballast(self._state_dir)
        if self.connection.in_transaction:
            self.connection.execute("ROLLBACK")
        return True

    def finish(self) -> None:
        """Move the log into the file, so that the file alone is complete; another run's work is not waited for."""
        self.connection.execute("PRAGMA busy_timeout = 0")
        # Every event is durable in the log already; the next opening does what fails here.
        with contextlib.suppress(sqlite3.Error, OSError):
            (is_held_up, *_) = self.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            if not is_held_up:
                self._marks.sweep(self.connection, time.time())

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self.connection.close()
        if self._mark is not None:
            self._mark.close()
