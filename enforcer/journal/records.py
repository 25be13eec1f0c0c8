"""The records of earlier runs: which of them are not settled, and what a later run has to add to one."""

from collections.abc import Sequence
from pathlib import Path

from enforcer.journal import reader, rows, store
from enforcer.model.event import LATER, Entry, Event

_NEXT_SEQ = "SELECT max(max(seq) + 1, ?) FROM event WHERE run_id = ?"


class Records:
    """The records in the journal of *state_dir*. Implements `ports.Records`."""

    def __init__(self, state_dir: Path) -> None:
        self._state_dir = state_dir

    def unsettled(self) -> tuple[tuple[Entry, ...], ...]:
        """Return the entries of every run without an end, or that ended with changes open, unless settled since."""
        return tuple(tuple(reader.events(self._state_dir, run_id)) for run_id in reader.unsettled(self._state_dir))

    def append(self, run_id: str, at: float, events: Sequence[Event]) -> None:
        """Add *events* to the record of *run_id*, all or none; they are durable on return. Raises JournalError."""
        # Whether the directory is fit was judged when the run that adds opened its own journal.
        with store.writing(self._state_dir, any_file_system=True) as connection:
            (seq,) = connection.execute(_NEXT_SEQ, (LATER, run_id)).fetchone()
            entries = [Entry(seq=seq + number, at=at, event=event) for number, event in enumerate(events)]
            rows.insert_events(connection, run_id, entries)
