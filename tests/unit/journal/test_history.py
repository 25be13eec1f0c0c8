"""What the journal says of a place's earlier runs: what they sent, in which direction, and when."""

import sqlite3
from contextlib import closing

import pytest
from msgspec.structs import replace

from enforcer.core.overrides.incident import Author
from enforcer.errors import ExitCode, JournalError
from enforcer.journal import contests
from enforcer.journal.history import authors_since, history, set_since
from enforcer.journal.sqlite.file import path_in
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.stores import Store
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import ChangeContested, Entry, Event
from enforcer.model.history import DAY_S, Baseline, History, SetSince
from enforcer.model.task import ResumeMode
from tests import builders as b

NOW = b.STARTED_AT + 3600
PLACE = b.a_target_ref()


def recorded(store: Store, *events: Event, run_id="run-1", at=b.STARTED_AT, targets=(b.TARGET,), place=PLACE):
    """Record a run that began at *at*; its events come one second apart."""
    refs = tuple(replace(place, name=name) for name in targets)
    whole = (b.a_run_started(run_id=run_id, targets=refs), *events)
    with JournalWriter(store, print) as journal:
        for seq, event in enumerate(whole, start=1):
            journal.emit(Entry(seq=seq, at=at + seq - 1, event=event))


def sent(task_id="t1", *end: Event, **planned):
    return (b.a_change_planned(task_id, **planned), b.a_change_attempted(task_id), *end)


def spent(store, now=NOW, place=PLACE):
    return [(each.task_id, each.direction) for each in history(store, place, now).spent]


def test_without_a_journal_there_is_no_history(store):
    assert history(store, PLACE, NOW) == History()
    with store.reading() as connection:
        assert connection is None


@pytest.mark.parametrize(
    ("end", "counts"),
    [
        ([b.a_change_acked("t1")], True),
        ([b.a_change_acked("t1"), b.a_change_verified("t1")], True),
        ([b.a_change_acked("t1"), b.a_change_mismatched("t1")], True),
        ([b.a_change_lost("t1")], True),
        ([], True),
        ([b.an_attempt_failed("t1", "lost")], True),
        ([b.an_attempt_failed("t1", "transient"), b.a_change_attempted("t1", 2)], True),
        ([b.a_change_failed("t1")], False),
        ([b.a_change_lost("t1"), b.a_change_failed("t1", "not_applied")], False),
        ([b.an_attempt_failed("t1", "throttled")], False),
        ([b.a_change_gone("t1")], False),
    ],
    ids=lambda value: "+".join(event.kind for event in value) if isinstance(value, list) else str(value),
)
def test_what_may_have_taken_effect_counts_and_nothing_else(store, end, counts):
    recorded(store, *sent("t1", *end))

    assert spent(store) == [("t1", ResumeMode.AUTO)] * counts


def test_what_was_never_sent_does_not_count(store):
    recorded(store, b.a_change_planned("t1"), b.a_change_planned("t2"), b.a_change_skipped("t2"))

    assert spent(store) == []


def test_a_change_counts_once_from_its_last_attempt_on_for_a_day(store):
    retried: list[Event] = [b.an_attempt_failed("t1", "lost"), b.a_change_attempted("t1", 2), b.a_change_acked("t1", 2)]
    recorded(store, *sent("t1", *retried))
    (change,) = history(store, PLACE, NOW).spent

    assert change.at == b.STARTED_AT + 4
    assert change.frees_at == change.at + DAY_S
    assert spent(store, now=change.frees_at - 0.001)
    assert not spent(store, now=change.frees_at)


def test_who_set_a_task_last_is_the_last_run_whose_change_was_taken(store):
    assert set_since(store, b.STARTED_AT, but="run-1") == {}
    back = {"desired": ResumeMode.MANUAL, "before": ResumeMode.AUTO}
    recorded(store, *sent("t1", b.a_change_acked("t1")), *sent("t2", b.a_change_acked("t2")))
    recorded(store, *sent("t1", b.a_change_verified("t1"), **back), run_id="run-2", at=b.STARTED_AT + 100)
    recorded(store, *sent("t1", b.a_change_failed("t1")), run_id="run-3", at=b.STARTED_AT + 200)

    assert set_since(store, b.STARTED_AT, but="run-1") == {"t1": SetSince(run_id="run-2", mode=ResumeMode.MANUAL)}
    assert set_since(store, b.STARTED_AT + 150, but="run-1") == {}


def test_the_author_of_a_change_is_who_sent_it_last_and_nobody_whose_intent_came_to_nothing(store):
    assert authors_since(store, b.STARTED_AT, but="run-1") == {}
    recorded(store, *sent("t1", b.a_change_acked("t1")))
    recorded(store, *sent("t1", b.a_change_lost("t1")), *sent("t2"), run_id="run-2", at=b.STARTED_AT + 100)
    recorded(store, *sent("t1", b.a_change_withdrawn("t1")), run_id="run-3", at=b.STARTED_AT + 200)

    authors = authors_since(store, b.STARTED_AT, but="run-1")

    run = b.a_run_started()
    by_run_2 = Author(run_id="run-2", command=run.command, by=f"{run.user} on {run.host}", at=b.STARTED_AT + 102)
    assert authors["t1"] == by_run_2
    assert (authors["t2"].run_id, sorted(authors)) == ("run-2", ["t1", "t2"])
    assert authors_since(store, b.STARTED_AT + 150, but="run-1") == {}


def test_each_direction_counts_for_itself(store):
    recorded(store, *sent("t1"), *sent("t2", desired=ResumeMode.MANUAL, before=ResumeMode.AUTO))
    found = history(store, PLACE, NOW)

    assert (found.sent(ResumeMode.AUTO), found.sent(ResumeMode.MANUAL)) == (1, 1)


def test_only_the_place_s_own_runs_count_however_it_is_named_and_spelled(store):
    change = b.a_change_planned("t1", target="eu"), b.a_change_attempted("t1", target="eu")
    recorded(store, *change, targets=("eu",))
    recorded(store, *sent("t2"), run_id="run-2", place=replace(PLACE, project_id="f" * 32))
    recorded(store, *sent("t3"), run_id="run-3", place=replace(PLACE, endpoint="https://elsewhere.example"))
    spelled = replace(PLACE, name="other", endpoint="https://DCS.eu-west-101.myhuaweicloud.com:443/")

    assert spent(store, place=spelled) == [("t1", ResumeMode.AUTO)]


def test_a_run_over_two_places_counts_for_each_what_it_sent_there(store):
    other = replace(PLACE, name="ap", project_id="f" * 32)
    change = [*sent("t1", b.a_change_planned("t9", target="ap"), b.a_change_attempted("t9", target="ap"))]
    started = b.a_run_started(targets=(PLACE, other))
    with JournalWriter(store, print) as journal:
        for entry in b.entries(started, *change):
            journal.emit(entry)

    assert spent(store) == [("t1", ResumeMode.AUTO)]
    assert spent(store, place=other) == [("t9", ResumeMode.AUTO)]


def test_a_record_that_cannot_be_read_is_said_and_not_passed_over(tmp_path):
    store = SqliteStore(tmp_path)
    recorded(store, *sent("t1"))
    with closing(sqlite3.connect(path_in(tmp_path))) as connection:
        connection.execute("DROP TRIGGER event_is_append_only")
        connection.execute("UPDATE event SET body = '{' WHERE kind = 'change.planned'")
        connection.commit()

    with pytest.raises(JournalError):
        history(store, PLACE, NOW)


def test_what_is_long_past_is_not_read(tmp_path):
    """Four hundred nights whose events cannot be read: only the last one's are looked at."""
    store = SqliteStore(tmp_path)
    for night in range(1, 401):
        recorded(store, *sent("t1"), run_id=f"run-{night:03}", at=NOW - night * DAY_S - 60)
    with closing(sqlite3.connect(path_in(tmp_path))) as connection:
        connection.execute("DROP TRIGGER event_is_append_only")
        connection.execute("UPDATE event SET body = '{'")
        connection.commit()
    recorded(store, *sent("t2"), run_id="run-last", at=NOW - 60)

    assert spent(store) == [("t2", ResumeMode.AUTO)]


def a_list(store, tasks, *, run_id, at, code=ExitCode.OK, **fields):
    """Record a run that listed that many tasks and ended with *code*; None: it did not end."""
    end = [] if code is None else [b.a_run_finished(code)]
    later = b.an_inventory_listed(999, read_back=True)
    recorded(store, b.an_inventory_listed(tasks, **fields), later, *end, run_id=run_id, at=at)


def test_the_baseline_is_the_list_of_the_last_good_run(store):
    a_list(store, 10, run_id="run-1", at=NOW - 500)
    a_list(store, 20, run_id="run-2", at=NOW - 400, code=ExitCode.PARTIAL)
    a_list(store, 30, run_id="run-3", at=NOW - 300, code=ExitCode.REFUSED)
    a_list(store, 40, run_id="run-4", at=NOW - 200, code=None)
    a_list(store, 50, run_id="run-5", at=NOW - 100, stable=False)
    a_list(store, 60, run_id="run-6", at=NOW - 50, code=ExitCode.ABORTED)

    assert history(store, PLACE, NOW).baseline == Baseline(run_id="run-2", tasks=20)


def test_a_shard_has_a_past_where_it_changes_tasks_and_none_where_it_only_looks(store):
    good = (b.an_inventory_listed(), b.a_run_finished())
    recorded(store, *good, run_id="run-1")
    recorded(store, *good, run_id="run-2", at=b.STARTED_AT + 60, place=replace(PLACE, only_seen=True))

    assert history(store, PLACE, NOW).baseline.run_id == "run-1"


def test_another_place_s_list_is_no_baseline(store):
    a_list(store, 10, run_id="run-1", at=NOW - 500)

    assert history(store, replace(PLACE, project_id="f" * 32), NOW).baseline is None


def night(store, number, *events, code=ExitCode.OK):
    """Record one of several runs, a day apart, the last at NOW - one day."""
    recorded(store, *events, b.a_run_finished(code), run_id=f"run-{number}", at=NOW - (9 - number) * DAY_S)


def set_again(rule="payments"):
    return (*sent("t1", b.a_change_acked("t1"), b.a_change_verified("t1"), rule=rule),)


def test_what_was_set_in_three_of_the_last_five_runs_is_fought_over(store):
    for number in (1, 2):
        night(store, number, *set_again())
    assert history(store, PLACE, NOW).fought == frozenset()
    night(store, 3, *set_again())
    assert history(store, PLACE, NOW).fought == frozenset([("t1", ResumeMode.AUTO)])
    for number in (4, 5):
        night(store, number)
    assert history(store, PLACE, NOW).fought
    night(store, 6)
    assert history(store, PLACE, NOW).fought == frozenset()


@pytest.mark.parametrize("rule", ["override INC-1", "undo run-1"])
def test_what_a_person_asked_for_by_name_is_no_fight(store, rule):
    for number in (1, 2, 3):
        night(store, number, *set_again(rule))

    assert history(store, PLACE, NOW).fought == frozenset()


def test_a_change_that_did_not_happen_is_no_fight(store):
    for number in (1, 2, 3):
        night(store, number, *sent("t1", b.a_change_failed("t1")))

    assert history(store, PLACE, NOW).fought == frozenset()


def test_a_contested_task_stays_so_until_it_is_cleared_and_then_counts_anew(store):
    for number in (1, 2, 3):
        night(store, number, *set_again())
    night(store, 4, ChangeContested(target=b.TARGET, task_id="t1", desired=ResumeMode.AUTO))
    for number in (5, 6, 7, 8):
        night(store, number)
    assert history(store, PLACE, NOW).contested == frozenset([("t1", ResumeMode.AUTO)])
    (found,) = contests.listed(store)
    assert (found.task_id, found.target, found.mode, found.run_id) == ("t1", b.TARGET, ResumeMode.AUTO, "run-4")

    assert contests.clear(store, ["t2"], NOW, "li.wei") == ()
    assert contests.clear(store, ["t1", "t2"], NOW, "li.wei") == (found,)

    later = history(store, PLACE, NOW)
    assert (later.contested, later.fought) == (frozenset(), frozenset())
    assert contests.listed(store) == ()


def test_clearing_counts_what_came_before_no_more(store):
    for number in (1, 2, 3):
        night(store, number, *set_again())
    night(store, 4, ChangeContested(target=b.TARGET, task_id="t1", desired=ResumeMode.AUTO))

    contests.clear(store, ["t1"], NOW - 4.5 * DAY_S, "li.wei")

    assert history(store, PLACE, NOW).fought == frozenset()
