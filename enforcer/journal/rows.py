"""An event as a row of the store, and back. A checksum tells a row that a disk or a hand has changed."""

import zlib
from collections.abc import Sequence
from typing import TypeAlias

from enforcer.core.text.endpoint import canonical
from enforcer.errors import JournalError
from enforcer.journal import lines
from enforcer.journal.stores import Connection
from enforcer.model.event import Entry, RunStarted

_INSERT_RUN = "INSERT INTO run (run_id, command, policy_name, started_at) VALUES (?, ?, ?, ?)"
_INSERT_TARGET = """
    INSERT INTO run_target (endpoint, project_id, started_at, run_id, target) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""
_INSERT_EVENT = "INSERT INTO event (run_id, seq, at, kind, body, checksum, task_id) VALUES (?, ?, ?, ?, ?, ?, ?)"
_ONE_MORE = ", (?, ?, ?, ?, ?, ?, ?)"

ROWS_AT_ONCE = 150
"""Rows of one statement. The interpreter's lock is let go and fetched again for each statement that is run, and
the loop's thread may keep it for milliseconds: with a statement for each row a commit waits that many times."""

Row: TypeAlias = tuple[int, float, str, str, int]
"""An event as SELECT gives it."""
SELECT = "SELECT seq, at, kind, body, checksum FROM event"


def insert_run(connection: Connection, started: RunStarted, at: float) -> None:
    connection.execute(_INSERT_RUN, (started.run_id, started.command, started.policy_name, at))
    targets = [
        (canonical(ref.endpoint), ref.project_id, at, started.run_id, ref.name)
        for ref in started.targets
        if not ref.only_seen
    ]
    connection.executemany(_INSERT_TARGET, targets)


def insert_events(connection: Connection, run_id: str, entries: Sequence[Entry]) -> None:
    for first in range(0, len(entries), ROWS_AT_ONCE):
        some = entries[first : first + ROWS_AT_ONCE]
        values = [value for entry in some for value in _row(run_id, entry)]
        connection.execute(_INSERT_EVENT + _ONE_MORE * (len(some) - 1), values)


def entry(run_id: str, row: Row) -> Entry:
    """Return the entry that a row of SELECT holds; raise JournalError if it is damaged or unreadable."""
    seq, at, kind, body, checksum = row
    if checksum != _checksum(run_id, seq, at, kind, body):
        raise JournalError(
            f"event {seq} of run {run_id} ({kind}) is damaged: its checksum is not that of what it says",
            hint="Restore the journal from a backup; the other runs are not affected.",
        )
    try:
        return Entry(seq=seq, at=at, event=lines.event(kind, body))
    except ValueError as error:
        raise JournalError(
            f"event {seq} of run {run_id} cannot be read: {error}",
            hint="Read this run with the version of enforcer that wrote it; the other runs are not affected.",
        ) from error


def _row(run_id: str, entry: Entry) -> tuple[str, int, float, str, str, int, str | None]:
    kind, body = entry.event.kind, lines.encode(entry.event).decode()
    checksum = _checksum(run_id, entry.seq, entry.at, kind, body)
    return run_id, entry.seq, entry.at, kind, body, checksum, getattr(entry.event, "task_id", None)


def _checksum(run_id: str, seq: int, at: float, kind: str, body: str) -> int:
    # JSON writes a time as `repr` does, from 0.1 ms after 1970 on, for a tenth of the work.
    return zlib.crc32(f"{run_id}\n{seq}\n{lines.encode(at).decode()}\n{kind}\n{body}".encode())
