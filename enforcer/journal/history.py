"""What the records say of one place, an endpoint and project, for the run that comes next.

Finds the few runs that matter by index and reads those; however long the journal is, the others are not touched.
"""

from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from enforcer.core.admission import allowance, fights
from enforcer.core.history import sent
from enforcer.core.overrides.incident import Author
from enforcer.core.text.endpoint import canonical
from enforcer.journal import contests, rows
from enforcer.journal.stores import Connection, Store
from enforcer.model.allowance import Allowance, Known
from enforcer.model.event import Entry, InventoryListed, TargetRef
from enforcer.model.history import DAY_S, Baseline, History, SetSince, Spent
from enforcer.model.policy import Policy

# Without INDEXED BY the planner, which has no statistics, reads through the events of every run.
_SELECT_SENDERS = """
    SELECT run_id, target FROM run_target
    WHERE endpoint = ? AND project_id = ? AND run_id IN (
        SELECT run_id FROM event INDEXED BY event_attempt WHERE kind = 'change.attempted' AND at > ?)
"""
_SELECT_SENDERS_SINCE = """
    SELECT run_target.run_id, target, command, json_extract(start.body, '$.user'), json_extract(start.body, '$.host')
    FROM run_target JOIN run ON run.run_id = run_target.run_id
        JOIN event AS start ON start.run_id = run.run_id AND start.seq = 1
    WHERE run_target.run_id != ? AND run_target.run_id IN (
        SELECT run_id FROM event INDEXED BY event_attempt WHERE kind = 'change.attempted' AND at > ?)
    ORDER BY run.started_at, run.run_id
"""
# Only runs that are over, so that the one that asks is none of them.
_SELECT_LAST_RUNS = """
    SELECT run_id, target FROM run_target WHERE endpoint = ? AND project_id = ? AND EXISTS (
        SELECT 1 FROM event INDEXED BY event_landmark
            WHERE event.run_id = run_target.run_id AND (kind = 'run.finished' OR kind = 'run.interrupted'))
    ORDER BY started_at DESC, run_id DESC LIMIT ?
"""
_SELECT_PLACES = """
    SELECT endpoint, project_id, target FROM run_target WHERE project_id != ''
    GROUP BY endpoint, project_id, target ORDER BY max(started_at) DESC
"""
# A run is good that came to its end, wholly or in part. Those without an end, like the one that asks, are none.
_SELECT_GOOD_LISTS = """
    SELECT run_target.run_id, listed.body
    FROM run_target
        JOIN event AS finish INDEXED BY event_landmark
            ON finish.run_id = run_target.run_id AND finish.kind = 'run.finished'
        JOIN event AS listed INDEXED BY event_landmark
            ON listed.run_id = run_target.run_id AND listed.kind = 'inventory.listed'
    WHERE endpoint = ? AND project_id = ? AND CAST(json_extract(finish.body, '$.exit_code') AS integer) IN (0, 3)
        AND json_extract(listed.body, '$.target') = run_target.target
        AND CAST(json_extract(listed.body, '$.stable') AS boolean)
        AND NOT CAST(json_extract(listed.body, '$.read_back') AS boolean)
    ORDER BY started_at DESC, run_target.run_id DESC LIMIT 1
"""
_SELECT_CHANGES = """
    SELECT seq, at, kind, body, checksum FROM event
    WHERE run_id = ? AND (kind LIKE 'change.%' OR kind = 'attempt.failed') ORDER BY seq
"""

_LISTED = msgspec.json.Decoder(InventoryListed)


def history(store: Store, place: TargetRef, now: float) -> History:
    """
    Return what the journal of *store* has of *place* at *now*, Unix time.

    Raises JournalError if it cannot be read, or has lost something that counts, of whatever place.
    """
    where = canonical(place.endpoint), place.project_id
    with store.reading() as connection:
        store.marks.check_runs(connection, now)
        if connection is None:
            return History()
        return replace(
            _day(connection, where, now),
            baseline=_baseline(connection, where),
            fought=_fought(connection, where),
            contested=contests.of(connection, where),
        )


def set_since(store: Store, since: float, *, but: str) -> dict[str, SetSince]:
    """Return which run set each task last, by task id, after *since*, Unix time, the run *but* apart.

    Raises JournalError.
    """
    with store.reading() as connection:
        if connection is None:
            return {}
        senders = connection.execute(_SELECT_SENDERS_SINCE, (but, since)).fetchall()
        return {
            each.task_id: SetSince(run_id=run_id, mode=each.mode)
            for run_id, target, *_ in senders
            for each in sent.settings(_changes(connection, run_id), target)
            if each.at > since
        }


def authors_since(store: Store, since: float, *, but: str) -> dict[str, Author]:
    """Return who sent the last change of each task that may have taken effect, by task id, after *since*, Unix time.

    The run *but* is passed over. Raises JournalError.
    """
    with store.reading() as connection:
        if connection is None:
            return {}
        senders = connection.execute(_SELECT_SENDERS_SINCE, (but, since)).fetchall()
        sendings = sorted(
            (each.at, each.task_id, run_id, command, f"{user} on {host}")
            for run_id, target, command, user, host in senders
            for each in sent.spent(_changes(connection, run_id), target)
            if each.at > since
        )
    return {
        task_id: Author(run_id=run_id, command=command, by=by, at=at) for at, task_id, run_id, command, by in sendings
    }


def allowances(store: Store, policy: Policy | None, now: float) -> tuple[Allowance, ...]:
    """Return what is left of the day budgets of *policy* at *now*, for every place known; raise JournalError."""
    with store.reading() as connection:
        store.marks.check_runs(connection, now)
        rows = connection.execute(_SELECT_PLACES).fetchall() if connection else []
        names: dict[tuple[str, str], list[str]] = {}
        for endpoint, project_id, target in rows:
            names.setdefault((endpoint, project_id), []).append(target)
        known = {
            Known(endpoint=place[0], project_id=place[1], names=tuple(called)): _day(connection, place, now)
            for place, called in names.items()
            if connection is not None
        }
    return allowance.allowances(known, policy)


def _day(connection: Connection, where: tuple[str, str], now: float) -> History:
    return History(spent=tuple(sorted(_spent(connection, where, now - DAY_S), key=lambda each: each.at)))


def _spent(connection: Connection, where: tuple[str, str], since: float) -> Iterator[Spent]:
    for run_id, target in connection.execute(_SELECT_SENDERS, (*where, since)).fetchall():
        for spent in sent.spent(_changes(connection, run_id), target):
            if spent.at > since:
                yield spent


def _fought(connection: Connection, where: tuple[str, str]) -> frozenset[fights.Contest]:
    cleared = contests.cleared_at(connection, where)
    rows = connection.execute(_SELECT_LAST_RUNS, (*where, fights.RUNS)).fetchall()
    return fights.contests(
        [
            each
            for each in sent.settings(_changes(connection, run_id), target)
            if each.at > cleared.get(each.task_id, 0.0)
        ]
        for run_id, target in reversed(rows)
    )


def baseline_run(connection: Connection, where: tuple[str, str]) -> str | None:
    """Return the run with the last good list of the place *where*, endpoint and project."""
    found = _baseline(connection, where)
    return None if found is None else found.run_id


def _baseline(connection: Connection, where: tuple[str, str]) -> Baseline | None:
    found = connection.execute(_SELECT_GOOD_LISTS, where).fetchone()
    if found is None:
        return None
    run_id, body = found
    return Baseline(run_id=run_id, tasks=_LISTED.decode(body).tasks)


def _changes(connection: Connection, run_id: str) -> Iterator[Entry]:
    return (rows.entry(run_id, row) for row in connection.execute(_SELECT_CHANGES, (run_id,)))
