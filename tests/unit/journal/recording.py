"""Runs as a journal has them: for tests of what reads them."""

from enforcer.journal.stores import Store
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry, Event
from tests import builders as b


def record(
    store: Store, *events: Event, run_id: str = b.RUN_ID, later_s: float = 0, **started: str
) -> tuple[Entry, ...]:
    """Write a run; return its entries."""
    run = tuple(
        Entry(seq=each.seq, at=each.at + later_s, event=each.event)
        for each in b.entries(b.a_run_started(run_id=run_id, **started), *events)
    )
    with JournalWriter(store, print) as journal:
        for entry in run:
            journal.emit(entry)
    return run
