import os
import sqlite3
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from enforcer.errors import ExitCode, JournalError
from enforcer.journal import register
from enforcer.journal.register import RunRow
from enforcer.journal.sqlite import file, schema
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter


@pytest.fixture
def open_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def listed(state_dir: Path) -> tuple[RunRow, ...]:
    return register.listed(SqliteStore(state_dir))


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def pragma(connection: sqlite3.Connection, name: str) -> object:
    return connection.execute(f"PRAGMA {name}").fetchone()[0]


@pytest.mark.usefixtures("open_umask")
def test_directory_and_files_are_the_owners_alone(tmp_path: Path):
    with closing(file.open_to_write(tmp_path / "a" / "state")) as connection:
        connection.execute("INSERT INTO run VALUES ('r', 'apply', 'p', 0.0)")
        files = list((tmp_path / "a" / "state").iterdir())

        assert mode_of(tmp_path / "a" / "state") == 0o700
        assert {path.name: mode_of(path) for path in files} == {path.name: 0o600 for path in files}
        assert "journal.db-wal" in {path.name for path in files}


def test_a_directory_that_was_there_keeps_its_mode(tmp_path: Path):
    tmp_path.chmod(0o750)

    file.open_to_write(tmp_path).close()

    assert mode_of(tmp_path) == 0o750


def test_a_commit_is_on_disk_when_it_returns(tmp_path: Path):
    with closing(file.open_to_write(tmp_path)) as connection:
        assert pragma(connection, "journal_mode") == "wal"
        assert pragma(connection, "synchronous") == 2
        assert pragma(connection, "foreign_keys") == 1
        assert pragma(connection, "trusted_schema") == 0
        assert pragma(connection, "busy_timeout") == 10_000


def test_the_file_says_whose_it_is_and_of_which_version(tmp_path: Path):
    with closing(file.open_to_write(tmp_path)) as connection:
        assert pragma(connection, "application_id") == schema.APPLICATION_ID
        assert pragma(connection, "user_version") == schema.SCHEMA_VERSION


def test_the_tables_take_nothing_of_another_type(tmp_path: Path):
    with closing(file.open_to_write(tmp_path)) as connection:
        with pytest.raises(sqlite3.IntegrityError, match="cannot store TEXT"):
            connection.execute("INSERT INTO run VALUES ('r', 'apply', 'p', 'yesterday')")
        with pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
            connection.execute("INSERT INTO event VALUES ('nobody', 1, 0.0, 'run.started', '{}', 0, NULL)")


def test_an_event_cannot_be_changed(tmp_path: Path):
    with closing(file.open_to_write(tmp_path)) as connection:
        connection.execute("INSERT INTO run VALUES ('r', 'apply', 'p', 0.0)")
        connection.execute("INSERT INTO event VALUES ('r', 1, 0.0, 'run.started', '{}', 0, NULL)")

        with pytest.raises(sqlite3.IntegrityError, match="never changed"):
            connection.execute("UPDATE event SET body = 'another'")


def test_several_that_create_it_at_once_make_one(tmp_path: Path):
    with ThreadPoolExecutor(8) as pool:
        for number in range(20):
            connections = list(pool.map(file.open_to_write, [tmp_path / f"state-{number}"] * 8))

            assert [each.execute("SELECT count(*) FROM run").fetchone() for each in connections] == [(0,)] * 8
            for connection in connections:
                connection.close()


def test_a_file_that_its_creator_left_empty_is_used(tmp_path: Path):
    file.path_in(tmp_path).touch()

    assert register.listed(SqliteStore(tmp_path)) == ()
    file.open_to_write(tmp_path).close()
    assert register.listed(SqliteStore(tmp_path)) == ()


def of_another_program(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE cookies (value TEXT)")


def of_another_program_with_an_id(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA application_id = 42")


def of_a_newer_version(path: Path) -> None:
    file.open_to_write(path.parent).close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {schema.SCHEMA_VERSION + 1}")


def not_a_database(path: Path) -> None:
    path.write_bytes(b"name,mode\nwan,manual\n" * 200)


REFUSED = {
    "of another program": (of_another_program, "not a journal"),
    "of another program with an id": (of_another_program_with_an_id, "not a journal"),
    "of a newer version": (of_a_newer_version, f"schema version {schema.SCHEMA_VERSION + 1}"),
    "not a database": (not_a_database, "file is not a database"),
    "a directory": (Path.mkdir, "no regular file|unable to open|disk I/O error"),
}


@pytest.mark.parametrize(("make", "reason"), REFUSED.values(), ids=REFUSED)
def test_a_file_that_is_no_journal_of_ours_is_refused_and_left_alone(make, reason: str, tmp_path: Path):
    path = file.path_in(tmp_path)
    make(path)
    before = path.read_bytes() if path.is_file() else None

    for attempt in (file.open_to_write, listed):
        with pytest.raises(JournalError, match=reason) as caught:
            attempt(tmp_path)
        assert str(path) in caught.value.message
        assert caught.value.hint
        assert caught.value.exit_code is ExitCode.IO
    assert (path.read_bytes() if path.is_file() else None) == before


def test_a_damaged_file_is_called_damaged_whether_it_is_read_or_written(tmp_path: Path):
    file.open_to_write(tmp_path).close()
    path = file.path_in(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xa5" * 400 + whole[500:])

    for attempt in (file.open_to_write, listed):
        with pytest.raises(JournalError, match="is damaged: database disk image is malformed") as caught:
            attempt(tmp_path)
        assert "Restore it from a backup" in (caught.value.hint or "")


def test_a_file_whose_damage_is_no_text_is_closed_again(tmp_path: Path):
    file.open_to_write(tmp_path).close()
    path = file.path_in(tmp_path)
    damaged = path.read_bytes().replace(b"TEXT NOT NULL", b"TEXT\xdfNOT NULL", 1)
    assert damaged != path.read_bytes()
    path.write_bytes(damaged)

    with pytest.raises(JournalError, match="is damaged") as told, file.reading(tmp_path):
        pass
    held = [where for where in map(os.path.realpath, Path("/proc/self/fd").iterdir()) if where == str(path)]
    assert held == [], told.value


def test_a_state_directory_that_cannot_be_made_is_an_error_with_its_path(tmp_path: Path):
    (tmp_path / "file").touch()

    with pytest.raises(JournalError, match="cannot be opened: Not a directory") as caught:
        JournalWriter(SqliteStore(tmp_path / "file" / "state"), print)
    assert str(tmp_path / "file" / "state") in caught.value.message
    assert "--state-dir" in (caught.value.hint or "")


def test_a_state_directory_that_is_a_file_is_an_error(tmp_path: Path):
    (tmp_path / "state").touch()

    with pytest.raises(JournalError, match="cannot be opened: File exists"):
        JournalWriter(SqliteStore(tmp_path / "state"), print)


def test_a_file_system_without_a_shared_log_is_refused(tmp_path: Path):
    # A database in memory answers as a file does whose file system cannot do WAL.
    with closing(sqlite3.connect(":memory:")) as connection, pytest.raises(JournalError, match="write-ahead log"):
        file._use_wal(connection, tmp_path)


def test_an_old_sqlite_is_named_rather_than_a_syntax_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sqlite3, "sqlite_version_info", (3, 34, 1))

    with pytest.raises(JournalError, match=r"needs SQLite 3\.37"):
        JournalWriter(SqliteStore(tmp_path), print)
