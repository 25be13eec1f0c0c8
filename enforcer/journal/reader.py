"""Reads back what happened in a run. Never writes, never creates, judges nothing."""

from collections.abc import Iterator
from typing import Final

from enforcer.errors import JournalError
from enforcer.journal import lines, rows
from enforcer.journal.naming import ids, resolved
from enforcer.journal.stores import Store
from enforcer.model.event import LATER, Entry

READ_AT_ONCE: Final = 5_000
"""Events that are read with one look at the store: a run may have millions."""
_SELECT_NEXT = f"{rows.SELECT} WHERE run_id = ? AND seq > ? ORDER BY seq LIMIT ?"


def events(store: Store, run_id: str) -> Iterator[Entry]:
    """
    Return the entries of one run, in order. *run_id* may be the beginning or the end of an id, if only one has it.

    Raises UsageError if no run or more than one is meant, JournalError if the journal cannot be read; while
    iterating, JournalError where it cannot be any more, or an event cannot be.
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
    return full, _entries(store, full)


def _entries(store: Store, run_id: str) -> Iterator[Entry]:
    for number, row in enumerate(_rows(store, run_id), start=1):
        if number != row[0] < LATER:
            raise JournalError(
                f"event {number} of run {run_id} is missing: the journal is damaged",
                hint="The other runs are not affected. Restore the journal from a backup to read this one.",
            )
        yield rows.entry(run_id, row)


def _rows(store: Store, run_id: str) -> Iterator[rows.Row]:
    """Yield the rows of a run, READ_AT_ONCE with one look: nothing is held open while somebody works on them."""
    last = 0
    while True:
        with store.reading() as connection:
            found = connection.execute(_SELECT_NEXT, (run_id, last, READ_AT_ONCE)).fetchall() if connection else []
        yield from found
        if len(found) < READ_AT_ONCE:
            return
        last = found[-1][0]
