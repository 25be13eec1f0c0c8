"""What the records say of one place, an endpoint and project, for the run that comes next.

Finds the few runs that matter by index and reads those; however long the journal is, the others are not touched.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from enforcer.core import history as telling
from enforcer.core.endpoint import canonical
from enforcer.journal import rows, store
from enforcer.model.event import Entry, TargetRef
from enforcer.model.history import DAY_S, History, Spent

# Without INDEXED BY the planner, which has no statistics, reads through the events of every run.
_SELECT_SENDERS = """
    SELECT run_id, target FROM run_target
    WHERE endpoint = ? AND project_id = ? AND run_id IN (
        SELECT run_id FROM event INDEXED BY event_attempt WHERE kind = 'change.attempted' AND at > ?)
"""
_SELECT_CHANGES = """
    SELECT seq, at, kind, body, checksum FROM event
    WHERE run_id = ? AND (kind GLOB 'change.*' OR kind = 'attempt.failed') ORDER BY seq
"""


def history(state_dir: Path, place: TargetRef, now: float) -> History:
    """Return what the journal of *state_dir* has of *place* at *now*, Unix time; raise JournalError if it cannot."""
    where = canonical(place.endpoint), place.project_id
    with store.reading(state_dir) as connection:
        if connection is None:
            return History()
        return History(spent=tuple(sorted(_spent(connection, where, now - DAY_S), key=lambda each: each.at)))


def _spent(connection: sqlite3.Connection, where: tuple[str, str], since: float) -> Iterator[Spent]:
    for run_id, target in connection.execute(_SELECT_SENDERS, (*where, since)).fetchall():
        for spent in telling.spent(_changes(connection, run_id), target):
            if spent.at > since:
                yield spent


def _changes(connection: sqlite3.Connection, run_id: str) -> Iterator[Entry]:
    return (rows.entry(run_id, row) for row in connection.execute(_SELECT_CHANGES, (run_id,)))
