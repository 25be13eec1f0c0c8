import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from enforcer.errors import ExitCode, JournalError, UsageError
from enforcer.journal import reader, rows
from enforcer.journal.reader import RunRow
from enforcer.journal.sqlite.file import path_in
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.stores import Store
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry, Event
from tests import builders as b


def record(
    store: Store, *events: Event, run_id: str = b.RUN_ID, later_s: float = 0, **started: str
) -> tuple[Entry, ...]:
    """Write a run; return its entries."""
    run = tuple(
        Entry(seq=each.seq, at=each.at + later_s, event=each.event)
        for each in b.entries(b.a_run_started(run_id=run_id, **started), *events)
    )
    with JournalWriter(store, print) as journal:
        for entry in run:
            journal.emit(entry)
    return run


def test_without_a_journal_there_are_no_runs_and_nothing_is_made(store: Store):
    assert reader.runs(store) == ()
    assert reader.unsettled(store) == ()
    with pytest.raises(UsageError, match="no runs yet"):
        reader.events(store, b.RUN_ID)
    with store.reading() as connection:
        assert connection is None


def test_a_run_is_listed_with_its_end_and_what_it_planned(store: Store):
    record(
        store,
        b.a_plan_built(3, target="eu"),
        b.a_plan_built(2, target="ap"),
        b.a_run_finished(ExitCode.PARTIAL, changed=3, failed=2),
    )

    assert reader.runs(store) == (
        RunRow(
            run_id=b.RUN_ID,
            command="apply",
            policy_name="nightly",
            started_at="2026-11-23T02:15:00.000Z",
            ended_at="2026-11-23T02:15:03.000Z",
            exit_code=3,
            exit_name="partial",
            planned=5,
            changed=3,
            failed=2,
        ),
    )


def test_a_run_that_died_is_listed_as_unfinished(store: Store):
    record(store, b.an_inventory_listed())

    (row,) = reader.runs(store)
    assert (row.ended_at, row.exit_code, row.exit_name, row.planned) == (None, None, "unfinished", 0)


def test_the_newest_runs_come_first_and_no_more_than_asked_for(store: Store):
    for number in (2, 0, 3, 1):
        record(store, run_id=f"run-{number}", later_s=number)

    assert [row.run_id for row in reader.runs(store)] == ["run-3", "run-2", "run-1", "run-0"]
    assert [row.run_id for row in reader.runs(store, limit=2)] == ["run-3", "run-2"]


def test_the_last_success_is_of_the_policy_and_stays_whatever_comes_after(store: Store):
    assert reader.last_success(store, "nightly") is None
    record(store, b.a_run_finished(), run_id="run-1")
    entries = record(store, b.a_run_finished(), run_id="run-2", later_s=60)
    record(store, b.a_run_finished(ExitCode.PARTIAL), run_id="run-3", later_s=120)
    record(store, b.an_inventory_listed(), run_id="run-4", later_s=180)

    assert reader.last_success(store, "nightly") == entries[-1].at
    assert reader.last_success(store, "incident") is None


def test_what_one_shard_did_is_not_what_another_did(store: Store):
    first = record(store, b.a_run_finished(), run_id="run-1", shard="0/2")
    second = record(store, b.a_run_finished(ExitCode.PARTIAL), run_id="run-2", later_s=60, shard="1/2")
    after = second[-1].at + 60

    assert reader.last_success(store, "nightly", "0/2") == first[-1].at
    assert reader.last_success(store, "nightly", "1/2") is None
    assert reader.last_success(store, "nightly") is None
    assert reader.last_start(store, "nightly", after, "0/2") == first[0].at
    assert reader.last_start(store, "nightly", after) is None


@pytest.mark.parametrize("query", [reader._SELECT_RUNS, reader._SELECT_UNSETTLED])
def test_what_is_asked_of_many_runs_does_not_read_their_events(tmp_path: Path, query: str):
    store = SqliteStore(tmp_path)
    record(store)
    with store.reading() as connection:
        assert connection is not None
        steps = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", (20,) * query.count("?"))]

    on_events = [step for step in steps if "event" in step or "finish" in step]
    assert len(on_events) >= 2
    assert all("event_landmark" in step for step in on_events)


def test_a_run_that_was_found_dead_is_listed_as_interrupted(store: Store):
    record(store, b.an_inventory_listed(), b.a_run_interrupted())

    (row,) = reader.runs(store)
    assert (row.ended_at, row.exit_code, row.exit_name) == (None, None, "interrupted")


def test_a_run_is_unsettled_without_an_end_or_with_open_changes_until_it_is_settled(store: Store):
    record(store, run_id="dead")
    record(store, b.a_run_interrupted(), run_id="marked")
    record(store, b.a_run_interrupted(), b.a_run_settled(), run_id="settled")
    record(store, b.a_run_finished(), run_id="well")
    record(store, b.a_run_finished(ExitCode.SIGTERM, unsettled=1), run_id="open")
    record(store, b.a_run_finished(ExitCode.SIGTERM, unsettled=1), b.a_run_settled(), run_id="read since")

    assert set(reader.unsettled(store)) == {"dead", "marked", "open"}


def test_a_run_is_read_while_it_is_written(store: Store):
    with JournalWriter(store, print) as journal:
        first = record(store, run_id="other")
        journal.emit(b.entries(b.a_run_started())[0])

        assert tuple(reader.events(store, "other")) == first


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


def test_the_trend_is_of_the_policy_s_ended_applies_up_to_the_run_and_of_its_own_shard(store: Store):
    record(store, b.a_plan_built(3), b.a_run_finished(ExitCode.PARTIAL, changed=2, failed=1), run_id="run-1")
    record(store, b.a_plan_built(9), run_id="run-2", later_s=60)
    record(store, b.a_plan_built(5), b.a_run_finished(changed=5), run_id="run-3", later_s=120, shard="0/2")
    record(store, b.a_plan_built(1), b.a_run_finished(changed=1), run_id="run-4", later_s=180)
    record(store, b.a_run_finished(), run_id="run-5", later_s=240)

    found = reader.trend(store, "run-4")

    assert [(each.run_id, each.exit_name) for each in found] == [("run-1", "partial"), ("run-4", "ok")]
    assert [(each.drift, each.changed, each.failed) for each in found] == [(3, 2, 1), (1, 1, 0)]
    assert found[0].started_at == "2026-11-23T02:15:00.000Z"
    assert [each.run_id for each in reader.trend(store, "run-5", 2)] == ["run-4", "run-5"]
    assert reader.pair(store, "run-4") == ("run-2", "run-4")


def test_only_applies_have_a_trend(store: Store):
    record(store, b.a_run_finished(), run_id="run-1")
    record(store, b.a_run_finished(), run_id="run-2", later_s=60, command="runs undo")

    assert reader.trend(store, "run-2") == ()
    assert reader.trend(store, "run-3") == ()
