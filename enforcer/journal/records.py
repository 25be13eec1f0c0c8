"""The records of earlier runs: which of them are not settled, and what a later run has to add to one."""

from collections.abc import Iterator, Sequence

from enforcer.journal import reader, register, rows
from enforcer.journal.stores import Store
from enforcer.model.event import LATER, Entry, Event

_SELECT_LAST_SEQ = "SELECT max(seq) FROM event WHERE run_id = ?"


class Records:
    """The records in the journal of *store*. Implements `ports.Records`."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def unsettled(self) -> Iterator[Iterator[Entry]]:
        """Yield the entries of every run without an end, or that ended with changes open, unless settled since.

        They are read while somebody takes them, and none is kept. Raises JournalError where they cannot be.
        """
        return (reader.events(self._store, run_id) for run_id in register.unsettled(self._store))

    def append(self, run_id: str, at: float, events: Sequence[Event]) -> None:
        """Add *events* to the record of *run_id*, all or none; they are durable on return. Raises JournalError."""
        with self._store.writing() as connection:
            (last,) = connection.execute(_SELECT_LAST_SEQ, (run_id,)).fetchone()
            seq = max((last or 0) + 1, LATER)
            entries = [Entry(seq=seq + number, at=at, event=event) for number, event in enumerate(events)]
            rows.insert_events(connection, run_id, entries)
