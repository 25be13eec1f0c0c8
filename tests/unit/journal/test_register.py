from pathlib import Path

import pytest

from enforcer.errors import ExitCode, UsageError
from enforcer.journal import reader, register
from enforcer.journal.register import RunRow
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.stores import Store
from tests import builders as b
from tests.unit.journal.recording import record


def test_without_a_journal_there_are_no_runs_and_nothing_is_made(store: Store):
    assert register.listed(store) == ()
    assert register.unsettled(store) == ()
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

    assert register.listed(store) == (
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

    (row,) = register.listed(store)
    assert (row.ended_at, row.exit_code, row.exit_name, row.planned) == (None, None, "unfinished", 0)


def test_the_newest_runs_come_first_and_no_more_than_asked_for(store: Store):
    for number in (2, 0, 3, 1):
        record(store, run_id=f"run-{number}", later_s=number)

    assert [row.run_id for row in register.listed(store)] == ["run-3", "run-2", "run-1", "run-0"]
    assert [row.run_id for row in register.listed(store, limit=2)] == ["run-3", "run-2"]


def test_the_last_success_is_of_the_policy_and_stays_whatever_comes_after(store: Store):
    assert register.last_success(store, "nightly") is None
    record(store, b.a_run_finished(), run_id="run-1")
    entries = record(store, b.a_run_finished(), run_id="run-2", later_s=60)
    record(store, b.a_run_finished(ExitCode.PARTIAL), run_id="run-3", later_s=120)
    record(store, b.an_inventory_listed(), run_id="run-4", later_s=180)

    assert register.last_success(store, "nightly") == entries[-1].at
    assert register.last_success(store, "incident") is None


def test_what_one_shard_did_is_not_what_another_did(store: Store):
    first = record(store, b.a_run_finished(), run_id="run-1", shard="0/2")
    second = record(store, b.a_run_finished(ExitCode.PARTIAL), run_id="run-2", later_s=60, shard="1/2")
    after = second[-1].at + 60

    assert register.last_success(store, "nightly", "0/2") == first[-1].at
    assert register.last_success(store, "nightly", "1/2") is None
    assert register.last_success(store, "nightly") is None
    assert register.last_start(store, "nightly", after, "0/2") == first[0].at
    assert register.last_start(store, "nightly", after) is None


@pytest.mark.parametrize("query", [register._SELECT_RUNS, register._SELECT_UNSETTLED])
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

    (row,) = register.listed(store)
    assert (row.ended_at, row.exit_code, row.exit_name) == (None, None, "interrupted")


def test_a_run_is_unsettled_without_an_end_or_with_open_changes_until_it_is_settled(store: Store):
    record(store, run_id="dead")
    record(store, b.a_run_interrupted(), run_id="marked")
    record(store, b.a_run_interrupted(), b.a_run_settled(), run_id="settled")
    record(store, b.a_run_finished(), run_id="well")
    record(store, b.a_run_finished(ExitCode.SIGTERM, unsettled=1), run_id="open")
    record(store, b.a_run_finished(ExitCode.SIGTERM, unsettled=1), b.a_run_settled(), run_id="read since")

    assert set(register.unsettled(store)) == {"dead", "marked", "open"}


def test_the_trend_is_of_the_policy_s_ended_applies_up_to_the_run_and_of_its_own_shard(store: Store):
    record(store, b.a_plan_built(3), b.a_run_finished(ExitCode.PARTIAL, changed=2, failed=1), run_id="run-1")
    record(store, b.a_plan_built(9), run_id="run-2", later_s=60)
    record(store, b.a_plan_built(5), b.a_run_finished(changed=5), run_id="run-3", later_s=120, shard="0/2")
    record(store, b.a_plan_built(1), b.a_run_finished(changed=1), run_id="run-4", later_s=180)
    record(store, b.a_run_finished(), run_id="run-5", later_s=240)

    found = register.trend(store, "run-4")

    assert [(each.run_id, each.exit_name) for each in found] == [("run-1", "partial"), ("run-4", "ok")]
    assert [(each.drift, each.changed, each.failed) for each in found] == [(3, 2, 1), (1, 1, 0)]
    assert found[0].started_at == "2026-11-23T02:15:00.000Z"
    assert [each.run_id for each in register.trend(store, "run-5", 2)] == ["run-4", "run-5"]
    assert register.pair(store, "run-4") == ("run-2", "run-4")


def test_only_applies_have_a_trend(store: Store):
    record(store, b.a_run_finished(), run_id="run-1")
    record(store, b.a_run_finished(), run_id="run-2", later_s=60, command="runs undo")

    assert register.trend(store, "run-2") == ()
    assert register.trend(store, "run-3") == ()
