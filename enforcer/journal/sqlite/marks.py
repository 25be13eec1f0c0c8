"""How far records went, as those who wrote them know it: a number in a small file beside the journal.

After a crash SQLite reads its log up to the first frame that is not sound, and takes damage for the end. A mark tells
them apart. It is set after each commit and never synced: it has to outlive the process, and one that a power cut sets
back only knows less. So a record that is shorter than its mark was damaged, and a whole one is never suspected.

A mark is of use while the log has something that the file has not; when all of it is moved there, marks go.
"""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from enforcer.errors import JournalError
from enforcer.journal import files
from enforcer.journal.stores import OVERRIDES, Connection
from enforcer.model.history import DAY_S, LATER

_LAST_EVENT = "SELECT max(seq) FROM event WHERE run_id = ? AND seq < ?"
_LAST_STEP = "SELECT max(seq) FROM override_step"
# Spelled with OR, as the index is.
_IS_OVER = """
    SELECT EXISTS (SELECT 1 FROM event INDEXED BY event_landmark
        WHERE run_id = ? AND (kind = 'run.finished' OR kind = 'run.interrupted'))
"""


class Mark:
    """The mark of one record, for the one who writes it. It is no part of the record: that it fails harms nothing."""

    def __init__(self, path: Path) -> None:
        """Open or create the file *path*, as far as that goes."""
        self._descriptor: int | None = None
        with contextlib.suppress(OSError):
            files.make_private(path.parent)
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)

    def put(self, number: int) -> None:
        """Say that the record goes up to *number*."""
        if self._descriptor is not None:
            with contextlib.suppress(OSError):
                # One write of a constant length: it is there whole, or the one before is. SQLite calls pwrite: by
                # another name, those who count calls can tell a mark from the journal.
                os.pwritev(self._descriptor, (b"%012d\n" % number,), 0)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


class FileMarks:
    """The marks in *folder*, which is made when there is one. Implements `stores.Marks`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def path(self, name: str) -> Path:
        """Return where the mark *name* is, whether or not it exists."""
        return self._folder / name

    def put(self, name: str, number: int) -> None:
        mark = Mark(self.path(name))
        mark.put(number)
        mark.close()

    def known(self, name: str) -> int:
        """Return how far the record *name* went, as its mark says; 0 without one. Raises JournalError."""
        path = self.path(name)
        try:
            text = path.read_text(encoding="ascii")
            return int(text) if text else 0  # one that died before it wrote had nothing to say
        except FileNotFoundError:
            return 0
        except (OSError, ValueError) as error:
            raise JournalError(f"{path} cannot be read: {error}", hint=self._way_on(name)) from error

    def remove(self, name: str) -> None:
        with contextlib.suppress(OSError):
            self.path(name).unlink()

    def shortfall(self, connection: Connection | None, run_id: str) -> str | None:
        number = self.known(run_id)
        found = _last_event(connection, run_id) if connection else 0
        if found >= number:
            return None
        return (
            f"the record of run {run_id} went up to event {number}, and the journal has it up to {found}: its log was "
            "damaged. What the run did after that is not on record"
        )

    def check_runs(self, connection: Connection | None, now: float) -> None:
        for name, at in self._names():
            if name == OVERRIDES or at < now - DAY_S:
                continue
            if missing := self.shortfall(connection, name):
                raise JournalError(
                    missing,
                    hint="That run's report, its undo and the budgets lack it; what it set shows in the tasks "
                    f"themselves. It is forgotten after 24 hours. {self._way_on(name)}",
                )

    def check_overrides(self, last: int) -> None:
        number = self.known(OVERRIDES)
        if last < number:
            raise JournalError(
                f"the steps of overrides went up to number {number}, and the journal has them up to {last}: its log "
                "was damaged",
                hint="Nobody can say which tasks are to be left alone, so nothing is sent. "
                f"{self._way_on(OVERRIDES)}, see `enforcer override list`, and add again what is missing.",
            )

    def sweep(self, connection: Connection, now: float) -> None:
        """Delete the marks that are of no more use, as all of the log is in the file; *now* is Unix time.

        Kept are those of the last 24 hours of runs that are not over, and those that a record falls short of.
        """
        for name, at in self._names():
            is_old = name != OVERRIDES and at < now - DAY_S
            if is_old or self._is_done(connection, name):
                self.remove(name)

    def _is_done(self, connection: Connection, name: str) -> bool:
        try:
            number = self.known(name)
        except JournalError:
            return False
        if name == OVERRIDES:
            (last,) = connection.execute(_LAST_STEP).fetchone()
            return (last or 0) >= number
        (is_over,) = connection.execute(_IS_OVER, (name,)).fetchone()
        return bool(is_over) and _last_event(connection, name) >= number

    def _names(self) -> Iterator[tuple[str, float]]:
        """Yield the names of all marks and when each was set, Unix time."""
        with contextlib.suppress(FileNotFoundError):
            for path in sorted(self._folder.iterdir()):
                with contextlib.suppress(FileNotFoundError):  # its run may end meanwhile
                    yield path.name, path.stat().st_mtime

    def _way_on(self, name: str) -> str:
        return f"To go on without it sooner, delete {self.path(name)}"


def _last_event(connection: Connection, run_id: str) -> int:
    (last,) = connection.execute(_LAST_EVENT, (run_id, LATER)).fetchone()
    return last or 0
