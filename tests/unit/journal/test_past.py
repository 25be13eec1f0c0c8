"""One task's past in the journal, by id, by the beginning of one, by name."""

import re

import pytest

from enforcer.errors import UsageError
from enforcer.journal import past as room
from enforcer.journal.past import past
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry
from tests import builders as b


def record(store, *events, run_id, later_s=0.0, **started):
    with JournalWriter(store, print) as journal:
        for each in b.entries(b.a_run_started(run_id=run_id, **started), *events):
            journal.emit(Entry(seq=each.seq, at=each.at + later_s, event=each.event))


def one(task_id, *became):
    return b.a_change_planned(task_id), *became


@pytest.fixture
def three_nights(store):
    record(
        store,
        *one("aa11", b.a_change_attempted("aa11"), b.a_change_acked("aa11"), b.a_change_verified("aa11")),
        *one("aa22"),
        run_id="run-1",
        user="li.wei",
    )
    record(store, b.an_inventory_listed(2), run_id="run-2", later_s=86_400)
    record(
        store,
        *one("aa11", b.a_change_attempted("aa11"), b.an_attempt_failed("aa11"), b.a_change_failed("aa11")),
        run_id="run-3",
        later_s=172_800,
        command="runs undo",
    )
    return store


@pytest.mark.parametrize("wanted", ["aa11", "aa1", "name-of-aa11"])
def test_what_each_run_did_about_a_task_is_told_the_oldest_first(three_nights, wanted):
    found = past(three_nights, wanted)

    assert [(each.run_id, each.command, each.user, each.state) for each in found] == [
        ("run-1", "apply", "li.wei", "verified"),
        ("run-3", "runs undo", "nightly", "failed"),
    ]
    assert {(each.before, each.desired, each.rule) for each in found} == {("manual", "auto", "payments")}
    assert found[0].at < found[1].at


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("aa", "fits 2 tasks: aa11, aa22"),
        ("bb", "no run has planned a change of a task 'bb'"),
        ("", "no run has planned a change of a task ''"),
        ("a%", "no run has planned"),
    ],
)
def test_no_task_or_more_than_one_is_a_usage_error(three_nights, wanted, message):
    with pytest.raises(UsageError, match=message):
        past(three_nights, wanted)


def test_without_a_journal_there_is_no_past(store):
    with pytest.raises(UsageError, match="no runs yet"):
        past(store, "aa11")


def test_a_name_that_two_tasks_had_names_both(store):
    record(
        store,
        b.a_change_planned("aa11", task_name="pay"),
        b.a_change_planned("bb22", task_name="pay"),
        run_id="run-1",
    )

    with pytest.raises(UsageError, match="'pay' fits 2 tasks: aa11, bb22"):
        past(store, "pay")


@pytest.mark.parametrize(
    ("query", "way"),
    [
        (room._SELECT_BY_ID, r"(COVERING )?INDEX event_planned \(task_id"),
        (room._SELECT_RUNS, r"(COVERING )?INDEX event_planned \(task_id=\?"),
        (room._SELECT_EVENTS, r"PRIMARY KEY \(run_id=\?\)"),
    ],
)
def test_what_is_asked_of_one_task_reads_no_run_that_did_not_plan_it(tmp_path, query, way):
    store = SqliteStore(tmp_path)
    record(store, *one("aa11"), run_id="run-1")
    with store.reading() as connection:
        steps = [row[-1] for row in connection.execute(f"EXPLAIN QUERY PLAN {query}", ("aa11",) * query.count("?"))]

    assert any(re.match(f"SEARCH event USING {way}", step) for step in steps), steps
