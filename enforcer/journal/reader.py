"""Reads back what happened in a run. Never writes, never creates, judges nothing."""

from collections.abc import Iterator, Sequence

from enforcer.errors import JournalError
from enforcer.journal import lines, rows
from enforcer.journal.naming import ids, resolved
from enforcer.journal.stores import Store
from enforcer.model.event import LATER, Entry


def events(store: Store, run_id: str) -> Iterator[Entry]:
    """
    Return the entries of one run, in order. *run_id* may be the beginning or the end of an id, if only one has it.

    Raises UsageError if no run or more than one is meant, JournalError if the journal cannot be read; while
    iterating, JournalError at an event that cannot be.
    """
    _, entries = _run(store, run_id)
    return entries


def shortfall(store: Store, run_id: str) -> str | None:
    """Return what is missing at the end of the record of *run_id*, a whole id, in a sentence; None: nothing is.

    Raises JournalError.
    """
    with store.reading() as connection:
        return store.marks.shortfall(connection, run_id)


def exported(store: Store, run_id: str) -> Iterator[str]:
    """Return the entries of one run as `lines.line` writes them; raises as `events` does."""
    full, entries = _run(store, run_id)
    return (lines.line(full, entry) for entry in entries)


def _run(store: Store, run_id: str) -> tuple[str, Iterator[Entry]]:
    with store.reading() as connection:
        full = resolved(run_id, ids(connection))
        found = connection.execute(rows.SELECT_EVENTS, (full,)).fetchall() if connection else []
    return full, _entries(full, found)


def _entries(run_id: str, found: Sequence[tuple[int, float, str, str, int]]) -> Iterator[Entry]:
    for number, row in enumerate(found, start=1):
        if number != row[0] < LATER:
            raise JournalError(
                f"event {number} of run {run_id} is missing: the journal is damaged",
                hint="The other runs are not affected. Restore the journal from a backup to read this one.",
            )
        yield rows.entry(run_id, row)
