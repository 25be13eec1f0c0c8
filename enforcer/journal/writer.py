"""Makes the events of one run durable: one thread commits whatever has come together since its last commit.

Knows no event but the one that names the run, and nothing of why somebody waits.
"""

import asyncio
import contextlib
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType
from typing import NamedTuple, Self, TypeAlias

from enforcer.errors import JournalError
from enforcer.journal import lines, rows
from enforcer.journal.stores import Store
from enforcer.model.event import Entry, RunStarted

LINGER_S = 0.02
"""How long an event that nobody waits for may stay in memory, so that it shares a commit with others."""

_FULL = "Make room, then run the same command again: what is already right is not sent again."
_BROKEN = (
    "Nothing more is sent without a record. What it could not take any more is on stderr, in lines that "
    f'have "{lines.SCHEMA}"; when that is mended, `enforcer runs import-emergency FILE` takes them back.'
)

_Waiter: TypeAlias = "asyncio.Future[None]"
_Waiters: TypeAlias = dict[asyncio.AbstractEventLoop, list[_Waiter]]
"""Those who wait, by their loops."""


class _Why(NamedTuple):
    """Why nothing more is recorded, or begun."""

    message: str
    hint: str | None


class JournalWriter:
    """
    The journal of one run, for writing. Implements `ports.Journal`; a context manager that closes itself.

    The first entry must be the run's `RunStarted`. The first error is final: nothing is written after it, and
    every `flushed` and the first `close` raise it. A failed sync is never tried again, because the kernel may
    have dropped the page and would call the second try a success. What could not be written is told, line by line.

    Only where the disk is full is there a second try, once, with the room that was kept for it. If it succeeds, what
    happens is written on, but every `flushed` raises, so that nothing more is begun.
    """

    def __init__(self, store: Store, tell: Callable[[str], object]) -> None:
        """
        Open or create the journal in *store*; raise JournalError if that cannot be done.

        *tell* is given a line of `journal.lines` for each entry that could not be written, in any thread.
        """
        self._name = str(store)
        self._session = store.for_run()
        self._tell = tell
        self._run_id: str | None = None
        # What is to be written: added without the lock, which a deque allows, and taken with it.
        self._pending: deque[Entry] = deque()
        # Whether the writer's thread will look for what is added by itself. It is read after adding, and unset before
        # a last look, so that nothing is passed over.
        self._is_watched = True
        # Guards what follows, which the callers' threads share with the writer's.
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._waiters: _Waiters = {}
        self._durable = 0  # the number of the last entry on disk
        self._is_due = False  # whether those who wait are complete
        self._closing = False
        self._over: _Why | None = None  # why nothing is written any more
        self._last: _Why | None = None  # why nothing more is to be begun, though what happens is still written
        self._failed = False
        # A daemon: a close that was forgotten must not keep the interpreter from ending.
        self._thread = threading.Thread(target=self._write_until_closed, name="journal", daemon=True)
        self._thread.start()

    def emit(self, entry: Entry) -> None:
        """Take *entry*; it is durable within moments, or when `flushed` returns. After a failure it is told."""
        self._pending.append(entry)
        if not self._is_watched:
            with self._lock:
                if self._failed:
                    self._tell_of(self._taken())
                else:
                    self._changed.notify()

    async def flushed(self, number: int | None = None) -> None:
        """Return when entry *number* and all before it are durable; None: all that were emitted.

        Raises JournalError if they cannot be, and after any error, so that nothing more is begun.
        """
        if number is not None and number <= self._durable and self._over is None and self._last is None:
            return
        loop = asyncio.get_running_loop()
        with self._lock:
            if (why := self._over or self._last) is not None:
                raise _error(why)
            waiter: _Waiter = loop.create_future()
            waiters = self._waiters.setdefault(loop, [])
            waiters.append(waiter)
            if len(waiters) == 1:
                loop.call_soon(loop.call_soon, self._gathered)
        await waiter

    def _gathered(self) -> None:
        """Have committed what is waited for, two rounds of the loop after the first came to wait.

        A commit costs as much for one event as for fifty, so that it waits for whoever the loop is on its way to. It
        waits no longer: those who leave together come back together, and would all wait for the last of them again.
        """
        with self._lock:
            if self._waiters:
                self._is_due = True
                self._changed.notify()

    def close(self) -> None:
        """
        Write what is pending and close the file; raise JournalError if something could not be written.

        Needs no event loop. A second call does nothing.
        """
        with self._lock:
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
        entries: list[Entry] = []
        waiters: _Waiters = {}
        try:
            while self._over is None:
                entries, waiters = self._take()
                if entries:
                    self._commit(entries)
                    self._durable = entries[-1].seq
                    entries = []
                _wake(waiters, self._last)
            self._session.finish()
        except Exception as error:  # noqa: BLE001 - whatever ended the writing, those who wait must hear of it
            self._fail(_Why(f"{self._name} cannot be written: {error}", _BROKEN), entries, waiters)
        finally:
            self._session.close()

    def _take(self) -> tuple[list[Entry], _Waiters]:
        """Return what to write and who waits for it; both are empty only once, when all is written and closed."""
        with self._lock:
            while not self._changed.wait_for(self._is_wanted, LINGER_S) and not self._pending:
                self._is_watched = False
                self._changed.wait_for(lambda: self._pending or self._is_wanted())
                self._is_watched = True
            waiters, self._waiters, self._is_due = self._waiters, {}, False
            entries = self._taken()
            if not entries and not waiters:
                self._over = _Why(f"{self._name} is closed", None)
            return entries, waiters

    def _is_wanted(self) -> bool:
        return self._is_due or self._closing

    def _taken(self) -> list[Entry]:
        return [self._pending.popleft() for _ in range(len(self._pending))]

    def _commit(self, entries: Sequence[Entry]) -> None:
        try:
            self._write(entries)
        except Exception as error:
            if self._last is not None or not self._session.found_room(error):
                raise
            self._last = _Why(f"the disk of {self._name} is full; what has happened is recorded", _FULL)
            self._write(entries)

    def _write(self, entries: Sequence[Entry]) -> None:
        run_id = self._run_id
        if run_id is not None and len(entries) <= rows.ROWS_AT_ONCE:
            # One statement is a transaction by itself, for which the interpreter's lock is fetched again once.
            with self._session.at_once() as connection:
                rows.insert_events(connection, run_id, entries)
        else:
            run_id = self._write_much(entries)
        self._session.mark(run_id, entries[-1].seq)

    def _write_much(self, entries: Sequence[Entry]) -> str:
        """Write the run's beginning, if it is not there, and more events than go into a statement; return its id."""
        run_id = self._run_id
        with self._session.writing() as connection:
            if run_id is None:
                run_id = _begun(entries[0]).run_id
                rows.insert_run(connection, _begun(entries[0]), entries[0].at)
            rows.insert_events(connection, run_id, entries)
        self._run_id = run_id
        return run_id

    def _fail(self, why: _Why, entries: list[Entry], waiters: _Waiters) -> None:
        with self._lock:
            self._over, self._failed, self._is_watched = why, True, False
            self._tell_of(entries + self._taken())
            later, self._waiters = self._waiters, {}
        _wake(waiters, why)
        _wake(later, why)

    def _tell_of(self, entries: Sequence[Entry]) -> None:
        """Tell of what is not in the journal, as far as it can be said at all."""
        for entry in entries:
            if self._run_id is None and isinstance(entry.event, RunStarted):
                self._run_id = entry.event.run_id
            with contextlib.suppress(ValueError):
                self._tell(lines.line(self._run_id or "", entry))


def _begun(first: Entry) -> RunStarted:
    if not isinstance(first.event, RunStarted):
        raise TypeError(f"a run begins with {RunStarted.kind}, not with {first.event.kind}")
    return first.event


def _error(why: _Why) -> JournalError:
    return JournalError(why.message, hint=why.hint)


def _wake(waiters: Mapping[asyncio.AbstractEventLoop, Sequence[_Waiter]], failure: _Why | None) -> None:
    """Settle *waiters*, each in its own loop; a loop that is closed has nobody left who waits."""
    for loop, those in waiters.items():
        with contextlib.suppress(RuntimeError):
            loop.call_soon_threadsafe(_settle, those, failure)


def _settle(waiters: Sequence[_Waiter], failure: _Why | None) -> None:
    for waiter in waiters:
        if waiter.done():  # cancelled meanwhile
            continue
        if failure is None:
            waiter.set_result(None)
        else:
            waiter.set_exception(_error(failure))
