"""What runs there were, and how they stand to each other, by index. Never writes, never creates, judges nothing."""

from collections.abc import Sequence
from typing import Any

from msgspec import Struct

from enforcer.core.text.moment import utc_text
from enforcer.errors import UsageError
from enforcer.journal.naming import HINT, ids, resolved
from enforcer.journal.stores import Store
from enforcer.model.report.run import INTERRUPTED, UNFINISHED, TrendPoint

# Without INDEXED BY the planner, which has no statistics, reads through all events of every run.
_SELECT_RUNS = """
    SELECT run.run_id, command, policy_name, started_at,
        (SELECT sum(CAST(json_extract(body, '$.planned') AS integer)) FROM event INDEXED BY event_landmark
            WHERE event.run_id = run.run_id AND kind = 'plan.built'),
        finish.at, CAST(json_extract(finish.body, '$.exit_code') AS integer), json_extract(finish.body, '$.exit_name'),
        CAST(json_extract(finish.body, '$.changed') AS integer), CAST(json_extract(finish.body, '$.failed') AS integer),
        EXISTS (SELECT 1 FROM event INDEXED BY event_landmark
            WHERE event.run_id = run.run_id AND kind = 'run.interrupted')
    FROM run LEFT JOIN event AS finish INDEXED BY event_landmark
        ON finish.run_id = run.run_id AND finish.kind = 'run.finished'
    ORDER BY started_at DESC, run.run_id DESC LIMIT ?
"""
_SELECT_UNSETTLED = """
    SELECT run.run_id
    FROM run LEFT JOIN event AS finish INDEXED BY event_landmark
        ON finish.run_id = run.run_id AND finish.kind = 'run.finished'
    WHERE (finish.run_id IS NULL OR CAST(json_extract(finish.body, '$.unsettled') AS integer) > 0)
        AND NOT EXISTS (SELECT 1 FROM event INDEXED BY event_landmark
            WHERE event.run_id = run.run_id AND kind = 'run.settled')
    ORDER BY started_at, run.run_id
"""
_SELECT_LAST_START = """
    SELECT max(started_at) FROM run JOIN event AS start ON start.run_id = run.run_id AND start.seq = 1
    WHERE command = 'apply' AND policy_name = ? AND coalesce(json_extract(start.body, '$.shard'), '') = ?
        AND started_at < ?
"""
_SELECT_LAST_SUCCESS = """
    SELECT finish.at
    FROM run JOIN event AS finish INDEXED BY event_landmark
        ON finish.run_id = run.run_id AND finish.kind = 'run.finished'
        JOIN event AS start ON start.run_id = run.run_id AND start.seq = 1
    WHERE command = 'apply' AND policy_name = ? AND coalesce(json_extract(start.body, '$.shard'), '') = ?
        AND CAST(json_extract(finish.body, '$.exit_code') AS integer) = 0
    ORDER BY started_at DESC LIMIT 1
"""
_SELECT_CHILDREN = """
    SELECT run.run_id, run.command
    FROM run JOIN event AS start ON start.run_id = run.run_id AND start.seq = 1
    WHERE json_extract(start.body, '$.parent_run') = ?
    ORDER BY started_at, run.run_id
"""
_SELECT_LAST_APPLY = "SELECT run_id FROM run WHERE command = 'apply' ORDER BY started_at DESC, run_id DESC LIMIT 1"
_SELECT_ONE_BEFORE = """
    SELECT earlier.run_id
    FROM run AS later JOIN run AS earlier ON earlier.policy_name = later.policy_name
        JOIN event AS start ON start.run_id = later.run_id AND start.seq = 1
        JOIN event AS earlier_start ON earlier_start.run_id = earlier.run_id AND earlier_start.seq = 1
    WHERE later.run_id = ? AND earlier.command = 'apply'
        AND coalesce(json_extract(start.body, '$.shard'), '')
            = coalesce(json_extract(earlier_start.body, '$.shard'), '')
        AND (earlier.started_at, earlier.run_id) < (later.started_at, later.run_id)
    ORDER BY earlier.started_at DESC, earlier.run_id DESC LIMIT 1
"""
# As with _SELECT_RUNS.
_SELECT_TREND = """
    SELECT earlier.run_id, earlier.started_at, json_extract(finish.body, '$.exit_name'),
        (SELECT sum(CAST(json_extract(body, '$.planned') AS integer)) FROM event INDEXED BY event_landmark
            WHERE event.run_id = earlier.run_id AND kind = 'plan.built'),
        CAST(json_extract(finish.body, '$.changed') AS integer), CAST(json_extract(finish.body, '$.failed') AS integer)
    FROM run AS later JOIN run AS earlier
            ON earlier.policy_name = later.policy_name AND earlier.command = later.command
        JOIN event AS start ON start.run_id = later.run_id AND start.seq = 1
        JOIN event AS earlier_start ON earlier_start.run_id = earlier.run_id AND earlier_start.seq = 1
        JOIN event AS finish INDEXED BY event_landmark
            ON finish.run_id = earlier.run_id AND finish.kind = 'run.finished'
    WHERE later.run_id = ? AND later.command = 'apply'
        AND coalesce(json_extract(start.body, '$.shard'), '')
            = coalesce(json_extract(earlier_start.body, '$.shard'), '')
        AND (earlier.started_at, earlier.run_id) <= (later.started_at, later.run_id)
    ORDER BY earlier.started_at DESC, earlier.run_id DESC LIMIT ?
"""


class RunRow(Struct, frozen=True, kw_only=True):
    """One run in a list of runs."""

    run_id: str
    command: str
    policy_name: str
    started_at: str
    """RFC 3339, UTC, milliseconds."""
    ended_at: str | None
    """None while the run is under way, or if it died."""
    exit_code: int | None
    exit_name: str
    planned: int
    """Changes planned, all targets together: how many tasks were not as desired."""
    changed: int | None
    """Changes made, as known at the run's end; None without an end."""
    failed: int | None
    """Changes that failed, were read back otherwise, or are unknown, likewise."""


class Child(Struct, frozen=True, kw_only=True):
    """A run that went back to an earlier one."""

    run_id: str
    command: str


def listed(store: Store, limit: int = 20) -> tuple[RunRow, ...]:
    """Return the last *limit* runs, the newest first; () without a journal. Raises JournalError."""
    with store.reading() as connection:
        found = connection.execute(_SELECT_RUNS, (limit,)).fetchall() if connection else []
    return tuple(map(_run_row, found))


def _run_row(row: Sequence[Any]) -> RunRow:
    run_id, command, policy_name, started_at, planned, *end, is_marked = row
    ended_at, exit_code, exit_name, changed, failed = end
    return RunRow(
        run_id=run_id,
        command=command,
        policy_name=policy_name,
        started_at=utc_text(started_at),
        ended_at=None if ended_at is None else utc_text(ended_at),
        exit_code=exit_code,
        exit_name=exit_name or (INTERRUPTED if is_marked else UNFINISHED),
        planned=planned or 0,
        changed=changed,
        failed=failed,
    )


def children(store: Store, run_id: str) -> tuple[Child, ...]:
    """Return the runs that went back to *run_id*, a whole id, the oldest first. Raises JournalError."""
    with store.reading() as connection:
        rows = connection.execute(_SELECT_CHILDREN, (run_id,)).fetchall() if connection else []
    return tuple(Child(run_id=child, command=command) for child, command in rows)


def last_success(store: Store, policy_name: str, shard: str | None = None) -> float | None:
    """Return when the last apply of the policy that ended with 0 did so, Unix time in seconds; None: none did.

    Of a *shard*, only what the same shard did counts. Raises JournalError.
    """
    with store.reading() as connection:
        row = connection.execute(_SELECT_LAST_SUCCESS, (policy_name, shard or "")).fetchone() if connection else None
    return None if row is None else float(row[0])


def unsettled(store: Store) -> tuple[str, ...]:
    """Return the ids of runs without an end, or with changes that no read has settled, oldest first.

    A run that is under way is one of them. Raises JournalError.
    """
    with store.reading() as connection:
        return tuple(row[0] for row in connection.execute(_SELECT_UNSETTLED)) if connection else ()


def last_start(store: Store, policy_name: str, before: float, shard: str | None = None) -> float | None:
    """Return when the last apply of a policy of that name began, earlier than *before*; Unix times in seconds.

    None if there was none. Of a *shard*, only what the same shard did counts. Raises JournalError.
    """
    asked = (policy_name, shard or "", before)
    with store.reading() as connection:
        row = connection.execute(_SELECT_LAST_START, asked).fetchone() if connection else None
    return None if row is None else row[0]


def pair(store: Store, later: str | None = None) -> tuple[str, str]:
    """Return the ids of *later*, by default the last apply, and of the one before of its policy and shard; that first.

    *later* may be a part of an id. Raises UsageError if there are no two of them, JournalError.
    """
    with store.reading() as connection:
        last = connection.execute(_SELECT_LAST_APPLY).fetchone() if connection else None
        run_id = resolved(later, ids(connection)) if later is not None else last[0] if last else None
        found = connection.execute(_SELECT_ONE_BEFORE, (run_id,)).fetchone() if connection and run_id else None
    if found is None or run_id is None:
        of = f"the policy of run {run_id}" if run_id else "a policy"
        raise UsageError(f"there are no two runs of {of} to compare yet", hint=HINT)
    return found[0], run_id


def trend(store: Store, run_id: str, most: int = 60) -> tuple[TrendPoint, ...]:
    """Return the last *most* applies of the policy of *run_id*, a whole id, up to that run, the oldest first.

    Only those that came to their end, and of a shard only its own; () if the run is no apply. Raises JournalError.
    """
    with store.reading() as connection:
        found = connection.execute(_SELECT_TREND, (run_id, most)).fetchall() if connection else []
    return tuple(
        TrendPoint(
            run_id=each,
            started_at=utc_text(started_at),
            exit_name=exit_name,
            drift=drift or 0,
            changed=changed or 0,
            failed=failed or 0,
        )
        for each, started_at, exit_name, drift, changed, failed in reversed(found)
    )
