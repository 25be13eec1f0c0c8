"""One task's past, over all runs, found by index: however long the journal is, only runs that planned it are read."""

import sys
from collections.abc import Iterator

from enforcer.core.history.episodes import episodes
from enforcer.errors import UsageError
from enforcer.journal import rows
from enforcer.journal.stores import Connection, Store
from enforcer.model.episode import Episode
from enforcer.model.event import RunStarted

_SHOWN = 5
"""Task ids that a message names at most."""
_HINT = "Give a task's id, the beginning of one, or its name. `enforcer runs report RUN` names those of a run."

# Without INDEXED BY the planner, which has no statistics, reads through the events of every run.
_SELECT_BY_ID = """
    SELECT DISTINCT task_id FROM event INDEXED BY event_planned
    WHERE kind = 'change.planned' AND task_id >= ? AND task_id < ? LIMIT 100
"""
_SELECT_NAMED = """
    SELECT task_id, max(json_extract(body, '$.task_name')) FROM event INDEXED BY event_planned
    WHERE kind = 'change.planned' AND task_id >= ? AND task_id < ? GROUP BY task_id LIMIT 100
"""
_SELECT_BY_NAME = """
    SELECT DISTINCT task_id FROM event INDEXED BY event_planned
    WHERE kind = 'change.planned' AND json_extract(body, '$.task_name') = ? LIMIT 100
"""
_SELECT_RUNS = """
    SELECT DISTINCT run_id FROM event INDEXED BY event_planned
    WHERE kind = 'change.planned' AND task_id = ? ORDER BY run_id
"""
_SELECT_EVENTS = """
    SELECT seq, at, kind, body, checksum FROM event
    WHERE run_id = ? AND task_id = ? AND (kind LIKE 'change.%' OR kind = 'attempt.failed') ORDER BY seq
"""
_SELECT_START = "SELECT seq, at, kind, body, checksum FROM event WHERE run_id = ? AND seq = 1"


def past(store: Store, wanted: str) -> tuple[Episode, ...]:
    """
    Return what each run planned for a task and what became of it, the oldest first.

    *wanted* is its id, the beginning of one, or its name. Raises UsageError if no task or more than one is meant,
    JournalError if the journal cannot be read.
    """
    with store.reading() as connection:
        if connection is None:
            raise UsageError(f"no run has planned a change of {wanted!r}: the journal has no runs yet")
        return tuple(sorted(_episodes(connection, _task_id(connection, wanted)), key=lambda each: each.at))


def planned(store: Store, begun: str) -> tuple[tuple[str, str], ...]:
    """Return the ids, each with a name, of tasks that runs planned to change and whose ids begin with *begun*.

    A hundred at most. Raises JournalError.
    """
    with store.reading() as connection:
        found = connection.execute(_SELECT_NAMED, _beginning(begun)).fetchall() if connection else []
    return tuple((task_id, name or "") for task_id, name in found)


def _beginning(text: str) -> tuple[str, str]:
    """Return the bounds of what begins with *text*, the second not included."""
    return text, text + chr(sys.maxunicode)


def _task_id(connection: Connection, wanted: str) -> str:
    found: list[str] = [row[0] for row in connection.execute(_SELECT_BY_ID, _beginning(wanted))] if wanted else []
    if wanted in found:
        return wanted
    found = found or [row[0] for row in connection.execute(_SELECT_BY_NAME, (wanted,))]
    if not found:
        raise UsageError(f"no run has planned a change of a task {wanted!r}", hint=_HINT)
    if len(found) > 1:
        rest = len(found) - _SHOWN
        named = ", ".join(found[:_SHOWN]) + (f" and {rest} more" if rest > 0 else "")
        raise UsageError(f"{wanted!r} fits {len(found)} tasks: {named}", hint="Give a whole id.")
    return found[0]


def _episodes(connection: Connection, task_id: str) -> Iterator[Episode]:
    for (run_id,) in connection.execute(_SELECT_RUNS, (task_id,)).fetchall():
        start = connection.execute(_SELECT_START, (run_id,)).fetchone()
        started = None if start is None else rows.entry(run_id, start).event
        if isinstance(started, RunStarted):
            events = connection.execute(_SELECT_EVENTS, (run_id, task_id)).fetchall()
            yield from episodes(started, (rows.entry(run_id, row) for row in events))
