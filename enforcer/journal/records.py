"""The records of earlier runs: which of them are not settled, and what a later run has to add to one."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import msgspec

from enforcer.errors import JournalError
from enforcer.journal import reader, store
from enforcer.journal.writer import INSERT_EVENT
from enforcer.model.event import Entry, Event

_NEXT_SEQ = "SELECT max(seq) + 1 FROM event WHERE run_id = ?"


class Records:
    """The records in the journal of *state_dir*. Implements `ports.Records`."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    def unsettled(self) -> tuple[tuple[Entry, ...], ...]:
        """Return the entries of every run without an end, or that ended with changes open, unless settled since."""
        return tuple(tuple(reader.events(self._state_dir, run_id)) for run_id in reader.unsettled(self._state_dir))

    def append(self, run_id: str, at: float, events: Sequence[Event]) -> None:
        """Add *events* to the record of *run_id*, all or none of them; they are durable on return."""
        encode = msgspec.json.Encoder().encode
        try:
            with closing(store.open_to_write(self._state_dir)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                (seq,) = connection.execute(_NEXT_SEQ, (run_id,)).fetchone()
                rows = [
                    (run_id, seq + number, at, event.kind, encode(event).decode())
                    for number, event in enumerate(events)
                ]
                connection.executemany(INSERT_EVENT, rows)
                connection.execute("COMMIT")
        except sqlite3.Error as error:
            raise JournalError(
                f"the record of run {run_id} in {store.path_in(self._state_dir)} cannot be added to: {error}",
                hint="Free space or mend the disk, then run enforcer again.",
            ) from error
