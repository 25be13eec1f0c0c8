"""The tables of the journal's file: what makes them, and whether a file that is found there has them."""

import sqlite3
from pathlib import Path

from enforcer.errors import JournalError

APPLICATION_ID = 0x454E464A
"""``ENFJ``: what tells the journal from anyone else's SQLite file."""
SCHEMA_VERSION = 7

# The events are the record. A run's row only says which runs there are and holds what never changes;
# how a run ended is an event, found through the index of the few that a list of runs shows.
_SCHEMA = (
    """
    CREATE TABLE run (
        run_id TEXT PRIMARY KEY,
        command TEXT NOT NULL,
        policy_name TEXT NOT NULL,
        started_at REAL NOT NULL
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE event (
        run_id TEXT NOT NULL REFERENCES run (run_id),
        seq INTEGER NOT NULL CHECK (seq > 0),
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL,
        checksum INTEGER NOT NULL,
        task_id TEXT,
        PRIMARY KEY (run_id, seq)
    ) STRICT, WITHOUT ROWID
    """,
    # Which runs worked on which place, an endpoint and project. The key's columns come first: of a table without rowid
    # that has them elsewhere, some versions of SQLite say in an integrity check that it is damaged.
    """
    CREATE TABLE run_target (
        run_id TEXT NOT NULL REFERENCES run (run_id),
        target TEXT NOT NULL,
        endpoint TEXT NOT NULL,
        project_id TEXT NOT NULL,
        started_at REAL NOT NULL,
        PRIMARY KEY (run_id, target)
    ) STRICT, WITHOUT ROWID
    """,
    "CREATE INDEX run_by_start ON run (started_at)",
    "CREATE INDEX run_target_by_place ON run_target (endpoint, project_id, started_at)",
    # Budgets ask for the runs that sent anything in the last day.
    "CREATE INDEX event_attempt ON event (at, run_id) WHERE kind = 'change.attempted'",
    "CREATE INDEX event_contested ON event (at, run_id) WHERE kind = 'change.contested'",
    # Which runs planned a task. Its other events are looked for in those runs: tasks come in no order, so with an index
    # of all of them nearly every event writes another page. A column, because SQLite's JSON functions may not stand in
    # a schema that is not trusted.
    "CREATE INDEX event_planned ON event (task_id) WHERE kind = 'change.planned'",
    # Contested tasks that a person let go; they too outlive the runs.
    """
    CREATE TABLE contest_cleared (
        endpoint TEXT NOT NULL,
        project_id TEXT NOT NULL,
        task_id TEXT NOT NULL,
        at REAL NOT NULL,
        by TEXT NOT NULL
    ) STRICT
    """,
    "CREATE INDEX contest_cleared_by_place ON contest_cleared (endpoint, project_id, task_id, at)",
    # Spelled with OR and not with IN: only then does SQLite see that `kind = 'plan.built'` is inside it.
    """
    CREATE INDEX event_landmark ON event (run_id, kind)
        WHERE kind = 'plan.built' OR kind = 'run.finished' OR kind = 'run.interrupted' OR kind = 'run.settled'
            OR kind = 'inventory.listed'
    """,
    """
    CREATE TRIGGER event_is_append_only BEFORE UPDATE ON event
    BEGIN SELECT raise(ABORT, 'events are never changed'); END
    """,
    # What happened to the overrides, which outlive the runs.
    """
    CREATE TABLE override_step (
        seq INTEGER PRIMARY KEY,
        override_id TEXT NOT NULL,
        at REAL NOT NULL,
        kind TEXT NOT NULL,
        body TEXT NOT NULL
    ) STRICT
    """,
    """
    CREATE TRIGGER override_step_is_append_only BEFORE UPDATE ON override_step
    BEGIN SELECT raise(ABORT, 'the steps of overrides are never changed'); END
    """,
    f"PRAGMA application_id = {APPLICATION_ID}",
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)


def is_blank(connection: sqlite3.Connection) -> bool:
    """Whether nothing was ever stored in the file: it is new, or its creator died before the schema was in."""
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return objects == 0 and pragma(connection, "application_id") == 0


def create(connection: sqlite3.Connection) -> None:
    """Create everything or nothing. Of several processes that try at once, one does it."""
    connection.execute("BEGIN IMMEDIATE")
    if is_blank(connection):
        for statement in _SCHEMA:
            connection.execute(statement)
    connection.execute("COMMIT")


def check_ours(connection: sqlite3.Connection, path: Path) -> None:
    if pragma(connection, "application_id") != APPLICATION_ID:
        raise JournalError(
            f"{path} is not a journal: another program wrote it",
            hint="Move the file away, or choose another directory with --state-dir.",
        )
    version = pragma(connection, "user_version")
    if version != SCHEMA_VERSION:
        raise JournalError(
            f"{path} has the schema version {version}; this enforcer reads and writes version {SCHEMA_VERSION}",
            hint="Use the version of enforcer that wrote it, or choose another directory with --state-dir.",
        )


def pragma(connection: sqlite3.Connection, name: str) -> object:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return value
