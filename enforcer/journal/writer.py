"""Makes the events of one run durable: one thread commits whatever has come together since its last commit.

Knows no event but the one that names the run, and nothing of why somebody waits.
"""

import asyncio
import contextlib
import sqlite3
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TypeAlias

import msgspec

from enforcer.core.endpoint import canonical
from enforcer.errors import JournalError
from enforcer.journal import store
from enforcer.model.event import Entry, RunStarted

LINGER_S = 0.02
"""How long an event that nobody waits for may stay in memory, so that it shares a commit with others."""

GATHER_S = 0.0005
"""How long the first who waits is kept for others to join: a commit costs as much for one event as for fifty."""

_INSERT_RUN = "INSERT INTO run (run_id, command, policy_name, started_at) VALUES (?, ?, ?, ?)"
_INSERT_TARGET = """
    INSERT OR IGNORE INTO run_target (endpoint, project_id, started_at, run_id, target) VALUES (?, ?, ?, ?, ?)
"""
INSERT_EVENT = "INSERT INTO event (run_id, seq, at, kind, body) VALUES (?, ?, ?, ?, ?)"
_ONE_MORE = ", (?, ?, ?, ?, ?)"

_ROWS_AT_ONCE = 200
"""Rows of one statement. The interpreter's lock is let go and fetched again for each statement that is run, and
the loop's thread may keep it for milliseconds: with a statement for each row a commit waits that many times."""

_Waiter: TypeAlias = "asyncio.Future[None]"


class JournalWriter:
    """
    The journal of one run, for writing. Implements `ports.Journal`; a context manager that closes itself.

    The first entry must be the run's `RunStarted`. The first error is final: nothing is written after it, and
    every `flushed` and the first `close` raise it. A failed sync is never tried again, because the kernel may
    have dropped the page and would call the second try a success.
    """

    def __init__(self, state_dir: Path) -> None:
        """Open or create the journal of *state_dir*; raise JournalError if that cannot be done."""
        self._path = store.path_in(state_dir)
        self._connection = store.open_to_write(state_dir)
        self._encode = msgspec.json.Encoder().encode
        self._run_id: str | None = None
        # Guards what follows, which the callers' threads share with the writer's.
        self._changed = threading.Condition()
        self._pending: list[Entry] = []
        self._waiters: list[_Waiter] = []
        self._closing = False
        self._over: str | None = None  # why nothing is written any more
        self._failed = False
        # A daemon: a close that was forgotten must not keep the interpreter from ending.
        self._thread = threading.Thread(target=self._write_until_closed, name="journal", daemon=True)
        self._thread.start()

    def emit(self, entry: Entry) -> None:
        """Take *entry*; it is durable within moments, or when `flushed` returns. After a failure it is dropped."""
        with self._changed:
            if self._over is None:
                self._pending.append(entry)
                if len(self._pending) == 1:
                    self._changed.notify()

    async def flushed(self) -> None:
        """Return when everything emitted so far is durable; raise JournalError if it cannot be."""
        with self._changed:
            if self._over is not None:
                raise _error(self._over)
            waiter: _Waiter = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            if len(self._waiters) == 1:
                self._changed.notify()
        await waiter

    def close(self) -> None:
        """
        Write what is pending and close the file; raise JournalError if something could not be written.

        Needs no event loop. A second call does nothing.
        """
        with self._changed:
            if self._closing:
                return
            self._closing = True
            self._changed.notify()
        self._thread.join()
        if self._failed and self._over is not None:
            raise _error(self._over)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.close()
            return
        with contextlib.suppress(JournalError):  # what is on its way up came first
            self.close()

    def _write_until_closed(self) -> None:
        waiters: list[_Waiter] = []
        try:
            while self._over is None:
                entries, waiters = self._take()
                if entries:
                    self._commit(entries)
                _wake(waiters, None)
            self._checkpoint()
        except Exception as error:  # noqa: BLE001 - whatever ended the writing, those who wait must hear of it
            self._fail(f"the journal {self._path} cannot be written: {error}", waiters)
        finally:
            with contextlib.suppress(sqlite3.Error):
                self._connection.close()

    def _take(self) -> tuple[list[Entry], list[_Waiter]]:
        """Return what to write and who waits for it; both are empty only once, when all is written and closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._pending or self._waiters or self._closing)
            self._changed.wait_for(lambda: self._waiters or self._closing, LINGER_S)
            if self._waiters:
                self._changed.wait_for(lambda: self._closing, GATHER_S)
            taken = self._pending, self._waiters
            self._pending, self._waiters = [], []
            if not any(taken):
                self._over = f"the journal {self._path} is closed"
            return taken

    def _commit(self, entries: Sequence[Entry]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        if self._run_id is None:
            self._run_id = self._insert_run(entries[0])
        for first in range(0, len(entries), _ROWS_AT_ONCE):
            self._insert_events(self._run_id, entries[first : first + _ROWS_AT_ONCE])
        self._connection.execute("COMMIT")

    def _insert_events(self, run_id: str, entries: Sequence[Entry]) -> None:
        values: list[object] = []
        for entry in entries:
            values += (run_id, entry.seq, entry.at, entry.event.kind, self._encode(entry.event).decode())
        self._connection.execute(INSERT_EVENT + _ONE_MORE * (len(entries) - 1), values)

    def _insert_run(self, first: Entry) -> str:
        started = first.event
        if not isinstance(started, RunStarted):
            raise TypeError(f"a run begins with {RunStarted.kind}, not with {started.kind}")
        row = (started.run_id, started.command, started.policy_name, first.at)
        self._connection.execute(_INSERT_RUN, row)
        targets = [
            (canonical(ref.endpoint), ref.project_id, first.at, started.run_id, ref.name) for ref in started.targets
        ]
        self._connection.executemany(_INSERT_TARGET, targets)
        return started.run_id

    def _checkpoint(self) -> None:
        """Move the log into the file, so that the file alone is complete; another run's work is not waited for."""
        self._connection.execute("PRAGMA busy_timeout = 0")
        # Every event is durable in the log already; the next opening does what fails here.
        with contextlib.suppress(sqlite3.Error):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def _fail(self, reason: str, waiters: list[_Waiter]) -> None:
        with self._changed:
            self._over, self._failed = reason, True
            waiters = waiters + self._waiters
            self._pending, self._waiters = [], []
        _wake(waiters, reason)


def _error(reason: str) -> JournalError:
    return JournalError(
        reason,
        hint="Nothing more is sent without a record. Free space or mend the disk, then run enforcer again.",
    )


def _wake(waiters: Sequence[_Waiter], failure: str | None) -> None:
    """Settle *waiters*, each in its own loop; a loop that is closed has nobody left who waits."""
    for loop in {waiter.get_loop() for waiter in waiters}:
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, [each for each in waiters if each.get_loop() is loop], failure)


def _settle(waiters: Sequence[_Waiter], failure: str | None) -> None:
    for waiter in waiters:
        if waiter.done():  # cancelled meanwhile
            continue
        if failure is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(_error(failure))
