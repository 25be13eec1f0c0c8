"""The journal's file: where it is, and how it is opened, to read and to write.

Knows nothing of what is in it. Every failure is a `JournalError` with the path, the reason and a way out.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from enforcer.errors import JournalError
from enforcer.journal.sqlite import directory, schema
from enforcer.journal.sqlite.damage import check_whole, explained

FILE_NAME = "journal.db"
_OLDEST_SQLITE = (3, 37)
"""The first with STRICT tables."""
_BUSY_TIMEOUT_S = 10.0

Begin: TypeAlias = Callable[[], AbstractContextManager[sqlite3.Connection]]
"""Begins a transaction, which ends with the block."""


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
            if schema.is_blank(connection):
                schema.create(connection)
            schema.check_ours(connection, path)
            _use_wal(connection, path)
            check_whole(connection, path)
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
            if schema.is_blank(connection):
                yield None
                return
            schema.check_ours(connection, path)
            yield connection
        finally:
            connection.close()


@contextmanager
def writing(state_dir: Path, *, any_file_system: bool = False) -> Iterator[sqlite3.Connection]:
    """
    Give a connection like that of `open_to_write` inside one transaction: all that the block does, or nothing.

    Whatever SQLite raises inside the block becomes a JournalError.
    """
    with transactions(state_dir, any_file_system=any_file_system) as begin, begin() as connection:
        yield connection


@contextmanager
def transactions(state_dir: Path, *, any_file_system: bool = False) -> Iterator[Begin]:
    """Give what begins a transaction like that of `writing`, one after the other, until one of them fails."""
    connection = open_to_write(state_dir, any_file_system=any_file_system)
    try:
        yield partial(_transaction, connection, path_in(state_dir))
    finally:
        connection.close()  # takes back what was not committed


@contextmanager
def _transaction(connection: sqlite3.Connection, path: Path) -> Iterator[sqlite3.Connection]:
    with explained(path, "written"):
        connection.execute("BEGIN IMMEDIATE")
        yield connection
        connection.execute("COMMIT")


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
    except BaseException:
        connection.close()
        raise
    return connection


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
        return schema.pragma(connection, "journal_mode = WAL")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_BUSY:
            raise
        return None
