"""The journal's file: where it is, its schema, and whether a file found there is one.

Knows nothing of what the events mean. Every failure is a `JournalError` with the path, the reason and a way out.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from enforcer.errors import JournalError
from enforcer.journal.sqlite import directory

FILE_NAME = "journal.db"
APPLICATION_ID = 0x454E464A
"""``ENFJ``: what tells the journal from anyone else's SQLite file."""
SCHEMA_VERSION = 7

_OLDEST_SQLITE = (3, 37)
"""The first with STRICT tables."""
_BUSY_TIMEOUT_S = 10.0
_CHOOSE_ANOTHER = "Check the directory's owner and mode, or choose another with --state-dir."

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


def path_in(state_dir: Path) -> Path:
    """Return where the journal of *state_dir* is, whether or not it exists."""
    return state_dir / FILE_NAME


def open_to_write(state_dir: Path, *, any_file_system: bool = False) -> sqlite3.Connection:
    """
    Return a connection to the journal of *state_dir*; create directory (0700) and file (0600) if need be.

    It may be handed to one other thread. Statements commit by themselves, and a commit is on disk when it
    returns. *any_file_system* lets network file systems pass. Raises JournalError if the directory is not fit, the
    file is no journal, or is damaged; it is left as it was.
    """
    path = path_in(state_dir)
    with explained(path, "opened"):
        directory.make_ready(state_dir, any_file_system=any_file_system)
        _create_private(path)
        _check_files(path)
        connection = _connect(path, "rw")
        try:
            if _is_blank(connection):
                _create_schema(connection)
            _check_ours(connection, path)
            _use_wal(connection, path)
            _check_whole(connection, path)
        except BaseException:
            connection.close()
            raise
    return connection


def open_for_run(state_dir: Path, *, any_file_system: bool = False) -> sqlite3.Connection:
    """Return what `open_to_write` does, once there is room for all that a run may record. Raises JournalError."""
    with explained(path_in(state_dir), "opened"):
        directory.make_ready(state_dir, any_file_system=any_file_system)
        directory.keep_room(state_dir)
    return open_to_write(state_dir, any_file_system=any_file_system)


def look(state_dir: Path, *, any_file_system: bool = False) -> bool:
    """Raise what `open_for_run` would of directory and files, and make nothing; return whether the directory exists."""
    with explained(state_dir, "looked at"):
        is_there = directory.look(state_dir, any_file_system=any_file_system)
        _check_files(path_in(state_dir))
    return is_there


@contextmanager
def reading(state_dir: Path) -> Iterator[sqlite3.Connection | None]:
    """
    Give a read-only connection to the journal of *state_dir* for as long as the block lasts; None if there is none.

    Never creates anything. Whatever SQLite raises inside the block becomes a JournalError.
    """
    path = path_in(state_dir)
    with explained(path, "read"):
        if not path.exists():
            yield None
            return
        connection = _connect(path, "ro")
        try:
            if _is_blank(connection):
                yield None
                return
            _check_ours(connection, path)
            yield connection
        finally:
            connection.close()


@contextmanager
def writing(state_dir: Path, *, any_file_system: bool = False) -> Iterator[sqlite3.Connection]:
    """
    Give a connection like that of `open_to_write` inside one transaction: all that the block does, or nothing.

    Whatever SQLite raises inside the block becomes a JournalError.
    """
    connection = open_to_write(state_dir, any_file_system=any_file_system)
    try:
        with explained(path_in(state_dir), "written"):
            connection.execute("BEGIN IMMEDIATE")
            yield connection
            connection.execute("COMMIT")
    finally:
        connection.close()  # takes back what was not committed


@contextmanager
def explained(path: Path, verb: str) -> Iterator[None]:
    """Make a JournalError of whatever SQLite or the file system raises inside the block; *verb* is past tense."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise JournalError(f"{error.filename or path} cannot be {verb}: {reason}", hint=_CHOOSE_ANOTHER) from error
    except (sqlite3.Error, UnicodeDecodeError) as error:  # the latter where a name in a damaged file is no text
        if _tells_of_damage(error):
            raise _damaged(path, str(error)) from error
        raise JournalError(f"the journal {path} cannot be {verb}: {error}", hint=_CHOOSE_ANOTHER) from error


def _create_private(path: Path) -> None:
    """Make sure that the file exists; one that is created here has the mode 0600, whatever the umask."""
    try:
        # Only ever opened to create: closing a second descriptor of a database that this process has
        # open drops its locks (sqlite.org/howtocorrupt.html, 2.2).
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return
    try:
        os.fchmod(descriptor, 0o600)
    finally:
        os.close(descriptor)


def _check_files(path: Path) -> None:
    """Refuse files that this user may not write to: SQLite opens them all the same, and fails at the first event."""
    for suffix in ("", "-wal", "-shm"):
        directory.check_file(path.with_name(path.name + suffix))


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        raise JournalError(
            f"the journal needs SQLite 3.37 or newer; this Python has {sqlite3.sqlite_version}",
            hint="Use a Python that is built with a newer SQLite.",
        )
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        timeout=_BUSY_TIMEOUT_S,
        isolation_level=None,
        # The writer opens it in the caller's thread, which is where a failure belongs, and hands it over.
        check_same_thread=False,
    )
    try:
        for setting in ("trusted_schema = OFF", "foreign_keys = ON", "synchronous = FULL"):
            connection.execute(f"PRAGMA {setting}")
    except sqlite3.Error:
        connection.close()
        raise
    return connection


def _pragma(connection: sqlite3.Connection, name: str) -> object:
    (value,) = connection.execute(f"PRAGMA {name}").fetchone()
    return value


def _is_blank(connection: sqlite3.Connection) -> bool:
    """Whether nothing was ever stored in the file: it is new, or its creator died before the schema was in."""
    (objects,) = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    return objects == 0 and _pragma(connection, "application_id") == 0


def _create_schema(connection: sqlite3.Connection) -> None:
    """Create everything or nothing. Of several processes that try at once, one does it."""
    connection.execute("BEGIN IMMEDIATE")
    if _is_blank(connection):
        for statement in _SCHEMA:
            connection.execute(statement)
    connection.execute("COMMIT")


def _check_ours(connection: sqlite3.Connection, path: Path) -> None:
    if _pragma(connection, "application_id") != APPLICATION_ID:
        raise JournalError(
            f"{path} is not a journal: another program wrote it",
            hint="Move the file away, or choose another directory with --state-dir.",
        )
    version = _pragma(connection, "user_version")
    if version != SCHEMA_VERSION:
        raise JournalError(
            f"{path} has the schema version {version}; this enforcer reads and writes version {SCHEMA_VERSION}",
            hint="Use the version of enforcer that wrote it, or choose another directory with --state-dir.",
        )


def _check_whole(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse a damaged file before anything is added to it. That takes 25 ms for 4 MB and half a second for 70 MB.

    The indexes are looked at too: a run whose last event is lost is known by its landmark.
    """
    try:
        (found,) = connection.execute("PRAGMA integrity_check(1)").fetchone()
        # An event whose run's id is damaged is sound as a row, and would be missing from its run without a word.
        if found == "ok" and connection.execute("PRAGMA foreign_key_check").fetchone() is not None:
            found = "an event belongs to no run"
    except sqlite3.DatabaseError as error:
        if not _tells_of_damage(error):
            raise
        found = str(error)
    if found != "ok":
        raise _damaged(path, found)


def _tells_of_damage(error: Exception) -> bool:
    code = getattr(error, "sqlite_errorcode", None)
    is_damage = code is not None and code & 0xFF in {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
    return is_damage or isinstance(error, UnicodeDecodeError)


def _damaged(path: Path, found: str) -> JournalError:
    return JournalError(
        f"the journal {path} is damaged: {found}",
        hint="It is left as it is. Restore it from a backup, or move it away, with what is beside it, to begin "
        "a new one.",
    )


def _use_wal(connection: sqlite3.Connection, path: Path) -> None:
    """Make readers never wait for a run, nor it for them."""
    until = time.monotonic() + _BUSY_TIMEOUT_S
    while (mode := _mode_after_wal_was_asked(connection)) is None and time.monotonic() < until:
        time.sleep(0.01)
    if mode is None:
        raise JournalError(
            f"the journal {path} cannot be opened: another process holds it", hint="Try again when that has ended."
        )
    if mode != "wal":
        raise JournalError(
            f"the journal {path} cannot be opened: its file system does not support SQLite's write-ahead log",
            hint="Choose a directory on a local disk with --state-dir.",
        )


def _mode_after_wal_was_asked(connection: sqlite3.Connection) -> object:
    """Return the mode that SQLite could set; None if another process is at it, for which SQLite itself never waits."""
    try:
        return _pragma(connection, "journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return None
