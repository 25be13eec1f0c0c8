import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from enforcer.errors import ExitCode, JournalError, UsageError
from enforcer.journal import reader, rows
from enforcer.journal.records import Records
from enforcer.journal.sqlite.file import path_in
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.stores import Store
from enforcer.journal.writer import JournalWriter
from tests import builders as b
from tests.unit.journal.recording import record


def test_a_run_is_read_while_it_is_written(store: Store):
    with JournalWriter(store, print) as journal:
        first = record(store, run_id="other")
        journal.emit(b.entries(b.a_run_started())[0])

        assert tuple(reader.events(store, "other")) == first


@pytest.mark.parametrize("at_once", [1, 2, 4, 5])
def test_a_run_is_read_bit_by_bit_to_what_was_added_later(at_once: int, store: Store, monkeypatch: pytest.MonkeyPatch):
    recorded = record(store, b.a_change_planned("t1"), b.a_change_planned("t2"))
    Records(store).append(b.RUN_ID, b.STARTED_AT, [b.a_run_settled()])
    monkeypatch.setattr(reader, "READ_AT_ONCE", at_once)

    found = tuple(reader.events(store, b.RUN_ID))

    assert found[:-1] == recorded
    assert found[-1].event == b.a_run_settled()


IDS = ("20261123T021500Z-7f3a2c", "20261123T021500Z-99be01", "20261124T021500Z-1f3a2c")


@pytest.fixture
def three(store: Store) -> Store:
    for number, run_id in enumerate(IDS):
        record(store, run_id=run_id, later_s=number)
    return store


PARTS = {"whole": (IDS[0], 0), "beginning": ("20261124", 2), "end": ("99be01", 1), "one letter more": ("7f3a2c", 0)}


@pytest.mark.parametrize(("part", "number"), PARTS.values(), ids=PARTS)
def test_a_part_that_only_one_run_has_is_enough(part: str, number: int, three: Store):
    started = next(reader.events(three, part)).event

    assert started == b.a_run_started(run_id=IDS[number])


@pytest.mark.parametrize("part", ["20261123T021500Z", "f3a2c"])
def test_a_part_that_several_runs_have_names_them(part: str, three: Store):
    with pytest.raises(UsageError, match="fits 2 runs: ") as caught:
        reader.events(three, part)
    assert IDS[0] in caught.value.message


@pytest.mark.parametrize("wanted", ["7f3a2d", "20261123T021500Z-7f3a2d"])
def test_a_run_that_is_not_there_is_a_usage_error_with_the_nearest(wanted: str, three: Store):
    with pytest.raises(UsageError, match=f"no run '{wanted}'") as caught:
        reader.events(three, wanted)
    assert IDS[0] in (caught.value.hint or "")
    assert caught.value.exit_code is ExitCode.USAGE


@pytest.mark.parametrize("wanted", ["", "zzz"])
def test_a_run_that_nothing_resembles_has_a_hint_all_the_same(wanted: str, three: Store):
    with pytest.raises(UsageError) as caught:
        reader.events(three, wanted)
    assert caught.value.hint == "`enforcer runs list` shows the runs there are."


def insert(store: Store, kind: str, body: str) -> None:
    with store.writing() as connection:
        checksum = rows._checksum(b.RUN_ID, 2, 0.0, kind, body)
        connection.execute(
            "INSERT INTO event (run_id, seq, at, kind, body, checksum) VALUES (?, 2, 0.0, ?, ?, ?)",
            (b.RUN_ID, kind, body, checksum),
        )


def test_an_event_of_an_unknown_kind_is_of_a_newer_version(store: Store):
    record(store)
    insert(store, "lock.taken", "{}")

    with pytest.raises(JournalError, match=r"event 2 of run .* kind 'lock\.taken' is unknown"):
        list(reader.events(store, b.RUN_ID))


@pytest.mark.parametrize("body", ["{", '{"exit_code": "three"}', "[]", ""])
def test_an_event_that_cannot_be_read_is_never_passed_over(body: str, store: Store):
    record(store)
    insert(store, "run.stopped", body)

    with pytest.raises(JournalError, match=r"event 2 of run .* run\.stopped cannot be read"):
        list(reader.events(store, b.RUN_ID))


CHANGES = {"at": 1.0, "kind": "run.finished", "body": '{"exit_code":4,"message":"x"}', "checksum": 7}


@pytest.mark.parametrize(("column", "value"), CHANGES.items(), ids=CHANGES)
def test_an_event_that_something_has_changed_is_told_from_a_sound_one(column: str, value: object, tmp_path: Path):
    store = SqliteStore(tmp_path)
    record(store)
    insert(store, "run.stopped", '{"exit_code":5,"message":"x"}')
    assert len(list(reader.events(store, b.RUN_ID))) == 2
    with closing(sqlite3.connect(path_in(tmp_path))) as connection, connection:
        connection.execute("DROP TRIGGER event_is_append_only")
        connection.execute(f"UPDATE event SET {column} = ? WHERE seq = 2", (value,))  # noqa: S608 - our own names

    with pytest.raises(JournalError, match=r"event 2 of run .* is damaged"):
        list(reader.events(store, b.RUN_ID))


def test_a_damaged_file_is_a_journal_error(tmp_path: Path):
    store = SqliteStore(tmp_path)
    record(store, *(b.a_change_planned(f"{n:0100d}") for n in range(500)))
    path = path_in(tmp_path)
    content = bytearray(path.read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)

    with pytest.raises(JournalError, match="is damaged"):
        reader.events(store, b.RUN_ID)
