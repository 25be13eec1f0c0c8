"""Records that a policy keeps no longer, taken out of the journal. What later runs still need stays, however old.

The database uses the room again; a file of SQLite does not shrink.
"""

from enforcer.core.admission.fights import RUNS
from enforcer.journal import contests, register
from enforcer.journal.history import baseline_run
from enforcer.journal.stores import Connection, Store

_SELECT_OLD = "SELECT run_id FROM run WHERE policy_name = ? AND started_at < ? ORDER BY started_at, run_id"
_SELECT_LAST = """
    SELECT run_id FROM (
        SELECT run_id, row_number() OVER (
            PARTITION BY endpoint, project_id ORDER BY started_at DESC, run_id DESC) AS place FROM run_target) AS ranked
    WHERE place <= ?
"""
_SELECT_INCIDENTS = """
    SELECT json_extract(body, '$.override.run_id') FROM override_step
    WHERE kind = 'added' AND json_extract(body, '$.override.run_id') IS NOT NULL
"""
_SELECT_PLACES = "SELECT DISTINCT endpoint, project_id FROM run_target"
_DELETE = (
    "DELETE FROM event WHERE run_id = ?",
    "DELETE FROM run_target WHERE run_id = ?",
    "DELETE FROM run WHERE run_id = ?",
)


def prune(store: Store, policy_name: str, before: float) -> tuple[str, ...]:
    """
    Delete the runs of that policy that began before *before*, Unix time, and return their ids, the oldest first.

    Kept are those that are not settled or have no end, the last ones of each place, its last good list, those that
    found a task contested which nobody has cleared, and those of incidents. Each run goes whole or not at all.
    Raises JournalError; the runs before the one that failed are gone then.
    """
    old = _old(store, policy_name, before)
    if not old:
        return ()
    with store.transactions() as begin:
        for run_id in old:
            with begin() as connection:
                for statement in _DELETE:
                    connection.execute(statement, (run_id,))
            store.marks.remove(run_id)
    return old


def _old(store: Store, policy_name: str, before: float) -> tuple[str, ...]:
    with store.reading() as connection:
        if connection is None:
            return ()
        found = [row[0] for row in connection.execute(_SELECT_OLD, (policy_name, before))]
        needed = _needed(connection) | set(register.unsettled(store)) if found else set()
    return tuple(run_id for run_id in found if run_id not in needed)


def _needed(connection: Connection) -> set[str]:
    places = connection.execute(_SELECT_PLACES).fetchall()
    return {
        *(row[0] for row in connection.execute(_SELECT_LAST, (RUNS,))),
        *(row[0] for row in connection.execute(_SELECT_INCIDENTS)),
        *(run_id for place in places if (run_id := baseline_run(connection, place)) is not None),
        *(each.run_id for each in contests.still(connection)),
    }
