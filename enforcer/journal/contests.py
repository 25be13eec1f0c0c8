"""Contested tasks in the journal's database: found so by runs, and cleared by people."""

from collections.abc import Sequence

from msgspec import Struct

from enforcer.core.admission.fights import Contest
from enforcer.journal.stores import Connection, Store
from enforcer.model.task import ResumeMode

# A task is contested from the run that found it so until somebody clears it.
_SELECT = """
    SELECT endpoint, project_id, min(target), task_id, json_extract(body, '$.desired') AS mode, min(run_id), min(at)
    FROM event INDEXED BY event_contested JOIN run_target USING (run_id)
    WHERE kind = 'change.contested' AND json_extract(body, '$.target') = run_target.target
        AND at > coalesce((SELECT max(contest_cleared.at) FROM contest_cleared
            WHERE contest_cleared.endpoint = run_target.endpoint
                AND contest_cleared.project_id = run_target.project_id
                AND contest_cleared.task_id = event.task_id), 0)
    GROUP BY endpoint, project_id, task_id, mode ORDER BY min(at), task_id
"""
_SELECT_CLEARED = "SELECT task_id, max(at) FROM contest_cleared WHERE endpoint = ? AND project_id = ? GROUP BY task_id"
_INSERT = "INSERT INTO contest_cleared (endpoint, project_id, task_id, at, by) VALUES (?, ?, ?, ?, ?)"


class Contested(Struct, frozen=True, kw_only=True):
    """A task that is left alone until somebody clears it."""

    endpoint: str
    project_id: str
    target: str
    task_id: str
    mode: ResumeMode
    """What enforcer set and somebody else reset."""
    run_id: str
    """The run that found it so."""
    since: float
    """Unix time in seconds."""


def listed(store: Store) -> tuple[Contested, ...]:
    """Return every contested task, the longest first; () without a journal. Raises JournalError."""
    with store.reading() as connection:
        return still(connection) if connection else ()


def clear(store: Store, task_ids: Sequence[str], at: float, by: str) -> tuple[Contested, ...]:
    """Clear those of *task_ids* that are contested, wherever they are, and return them; raise JournalError."""
    with store.writing() as connection:
        cleared = tuple(each for each in still(connection) if each.task_id in task_ids)
        connection.executemany(_INSERT, [(each.endpoint, each.project_id, each.task_id, at, by) for each in cleared])
    return cleared


def of(connection: Connection, where: tuple[str, str]) -> frozenset[Contest]:
    """Return what is contested at the place *where*, endpoint and project."""
    return frozenset(
        (each.task_id, each.mode) for each in still(connection) if (each.endpoint, each.project_id) == where
    )


def cleared_at(connection: Connection, where: tuple[str, str]) -> dict[str, float]:
    """Return when each task of the place *where* was cleared last: what happened before counts no more."""
    return dict(connection.execute(_SELECT_CLEARED, where))


def still(connection: Connection) -> tuple[Contested, ...]:
    """Return every task that is contested and that nobody has cleared, the longest first."""
    return tuple(
        Contested(
            endpoint=endpoint,
            project_id=project_id,
            target=target,
            task_id=task_id,
            mode=ResumeMode(mode),
            run_id=run_id,
            since=since,
        )
        for endpoint, project_id, target, task_id, mode, run_id, since in connection.execute(_SELECT)
    )
