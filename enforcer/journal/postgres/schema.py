"""The tables on the server: what makes them, from the first version to this one, and whose tables are there.

The columns are those of SQLite's tables, and mean the same.
"""

from typing import Final

from enforcer.core.text.database_url import shown
from enforcer.errors import JournalError
from enforcer.journal.postgres.connection import RIGHTS, SCHEMA, Direct

GATE: Final = 0x454E464A
"""``ENFJ``: the advisory lock of whoever makes tables, or decides by what is there and adds to it, for a moment."""

# Texts are compared byte by byte, as SQLite does, whatever the database's locale.
_FIRST = (
    "CREATE TABLE journal_version (version integer NOT NULL)",
    "INSERT INTO journal_version VALUES (0)",
    """
    CREATE TABLE run (
        run_id text COLLATE "C" PRIMARY KEY,
        command text NOT NULL,
        policy_name text NOT NULL,
        started_at double precision NOT NULL
    )
    """,
    """
    CREATE TABLE event (
        run_id text COLLATE "C" NOT NULL REFERENCES run (run_id),
        seq bigint NOT NULL CHECK (seq > 0),
        at double precision NOT NULL,
        kind text COLLATE "C" NOT NULL,
        body text NOT NULL,
        checksum bigint NOT NULL,
        task_id text COLLATE "C",
        PRIMARY KEY (run_id, seq)
    )
    """,
    """
    CREATE TABLE run_target (
        run_id text COLLATE "C" NOT NULL REFERENCES run (run_id),
        target text COLLATE "C" NOT NULL,
        endpoint text COLLATE "C" NOT NULL,
        project_id text COLLATE "C" NOT NULL,
        started_at double precision NOT NULL,
        PRIMARY KEY (run_id, target)
    )
    """,
    "CREATE INDEX run_by_start ON run (started_at)",
    "CREATE INDEX run_target_by_place ON run_target (endpoint, project_id, started_at)",
    "CREATE INDEX event_attempt ON event (at, run_id) WHERE kind = 'change.attempted'",
    "CREATE INDEX event_contested ON event (at, run_id) WHERE kind = 'change.contested'",
    "CREATE INDEX event_planned ON event (task_id) WHERE kind = 'change.planned'",
    """
    CREATE INDEX event_landmark ON event (run_id, kind)
        WHERE kind = 'plan.built' OR kind = 'run.finished' OR kind = 'run.interrupted' OR kind = 'run.settled'
            OR kind = 'inventory.listed'
    """,
    """
    CREATE TABLE contest_cleared (
        endpoint text COLLATE "C" NOT NULL,
        project_id text COLLATE "C" NOT NULL,
        task_id text COLLATE "C" NOT NULL,
        at double precision NOT NULL,
        by text NOT NULL
    )
    """,
    "CREATE INDEX contest_cleared_by_place ON contest_cleared (endpoint, project_id, task_id, at)",
    """
    CREATE TABLE override_step (
        seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        override_id text NOT NULL,
        at double precision NOT NULL,
        kind text NOT NULL,
        body text NOT NULL
    )
    """,
    # Who holds a lock, for people; that it is held is the word of pg_locks.
    """
    CREATE TABLE project_lock (
        key bigint PRIMARY KEY,
        endpoint text NOT NULL,
        project_id text NOT NULL,
        backend integer NOT NULL,
        holder text NOT NULL,
        plea text
    )
    """,
    """
    CREATE FUNCTION never_changed() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the rows of % are never changed', TG_TABLE_NAME; END $$
    """,
    "CREATE TRIGGER event_is_append_only BEFORE UPDATE ON event FOR EACH ROW EXECUTE FUNCTION never_changed()",
    """
    CREATE TRIGGER override_step_is_append_only BEFORE UPDATE ON override_step
        FOR EACH ROW EXECUTE FUNCTION never_changed()
    """,
    # What SQLite's function of that name does. A character that no text of PostgreSQL may have is read as U+FFFD.
    r"""
    CREATE FUNCTION json_extract(body text, path text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS
    $$ SELECT replace(body, '\u0000', '\ufffd')::json #>> string_to_array(substr(path, 3), '.') $$
    """,
)
_MAY_RECORD: Final = """
    SELECT bool_and(has_table_privilege(pg_class.oid, 'INSERT')) FROM pg_catalog.pg_class
    WHERE relkind = 'r' AND relnamespace = to_regnamespace(%s)
"""
_MAY_MAKE: Final = """
    SELECT coalesce(has_schema_privilege(to_regnamespace(%s)::oid, 'CREATE'),
        has_database_privilege(current_database(), 'CREATE'))
"""

_STEPS: Final = (_FIRST,)
"""What brings the tables of each version, counted from 0, to the next."""
VERSION: Final = len(_STEPS)


def is_blank(connection: Direct) -> bool:
    """Whether nothing was ever stored there."""
    found = connection.execute(
        "SELECT count(*) FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace "
        "WHERE nspname = %s",
        (SCHEMA,),
    ).fetchone()
    return found == (0,)


def look(connection: Direct, url: str) -> bool:
    """Return whether there are tables; raise JournalError if they are no journal's, or this user may not use them."""
    is_there = not is_blank(connection)
    if is_there:
        check(connection, url)
    if connection.execute(_MAY_RECORD if is_there else _MAY_MAKE, (SCHEMA,)).fetchone() != (True,):
        needed = f"write to the tables of the schema {SCHEMA}" if is_there else f"make the schema {SCHEMA}"
        raise JournalError(f"the user of {shown(url)} may not {needed}", hint=RIGHTS)
    return is_there


def check(connection: Direct, url: str) -> None:
    """Raise JournalError unless the tables are a journal's of this version."""
    version = _version(connection, url)
    if version != VERSION:
        wrote = "Use the version of enforcer that wrote it, or name another database."
        raise JournalError(
            f"the journal at {shown(url)} has the schema version {version}; this enforcer reads and writes "
            f"version {VERSION}",
            hint=wrote if version > VERSION else "The next `enforcer apply` brings it up to date.",
        )


def bring_up_to_date(connection: Direct, url: str) -> None:
    """Make the tables, or what has come since they were made: everything or nothing, and of several at once, one does.

    Raises JournalError if they are a newer version's, or another program's.
    """
    if not is_blank(connection) and _version(connection, url) >= VERSION:
        check(connection, url)
        return
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(%s)", (GATE,))
        if is_blank(connection):
            if connection.execute("SELECT to_regnamespace(%s)", (SCHEMA,)).fetchone() == (None,):
                connection.execute(f"CREATE SCHEMA {SCHEMA}".encode())
            version = 0
        else:
            version = _version(connection, url)
        for statement in (each for step in _STEPS[version:] for each in step):
            connection.execute(statement.encode())
        # Meanwhile a newer version may have come first.
        connection.execute("UPDATE journal_version SET version = %s WHERE version < %s", (VERSION, VERSION))
    check(connection, url)


def _version(connection: Direct, url: str) -> int:
    ours = connection.execute("SELECT to_regclass(%s)", (f"{SCHEMA}.journal_version",)).fetchone()
    if ours == (None,):
        raise JournalError(
            f"the schema {SCHEMA} at {shown(url)} is not a journal: another program made it",
            hint="Name another database.",
        )
    found = connection.execute("SELECT max(version) FROM journal_version").fetchone()
    return (found and found[0]) or 0
