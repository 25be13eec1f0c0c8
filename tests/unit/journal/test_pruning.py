"""What a policy keeps no longer is deleted, and nothing that anybody still needs."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from enforcer.errors import ExitCode
from enforcer.journal import contests, history, overrides, reader, store
from enforcer.journal.pruning import prune
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import ChangeContested, Entry
from enforcer.model.history import DAY_S, Baseline
from enforcer.model.override import Added, Override
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from tests import builders as b

NOW = b.STARTED_AT + 100 * DAY_S
END = b.a_run_finished()


def record(folder, run_id, *events, days_ago, policy="nightly", place=b.TARGET):
    ref = replace(b.a_target_ref(), project_id=place)
    whole = b.a_run_started(run_id=run_id, policy_name=policy, targets=(ref,)), *events
    with JournalWriter(folder, print) as journal:
        for seq, event in enumerate(whole, start=1):
            journal.emit(Entry(seq=seq, at=NOW - days_ago * DAY_S + seq, event=event))


def nights(folder, *, days_ago=range(5), place=b.TARGET, policy="nightly"):
    """Good runs without changes, the last five of a place: those that are kept anyway."""
    for day in days_ago:
        record(folder, f"night-{place}-{day}", b.an_inventory_listed(3), END, days_ago=day, place=place, policy=policy)


def pruned(folder, days=30):
    gone = prune(folder, "nightly", NOW - days * DAY_S)
    assert not {row.run_id for row in reader.runs(folder, 1000)} & set(gone)
    return set(gone)


def test_without_a_journal_nothing_is_pruned_and_nothing_made(tmp_path):
    assert prune(tmp_path / "none", "nightly", NOW) == ()
    assert not (tmp_path / "none").exists()


def test_what_is_older_goes_with_all_its_events_and_the_rest_stays_whole(tmp_path):
    nights(tmp_path)
    record(tmp_path, "old", b.a_change_planned(), END, days_ago=31)
    record(tmp_path, "young", b.a_change_planned(), END, days_ago=29)

    assert pruned(tmp_path) == {"old"}
    with store.reading(tmp_path) as connection:
        assert connection.execute("SELECT count(*) FROM event WHERE run_id = 'old'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM run_target WHERE run_id = 'old'").fetchone() == (0,)
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    assert len(list(reader.events(tmp_path, "young"))) == 3
    assert pruned(tmp_path) == set()


def test_the_runs_of_another_policy_are_not_its_business(tmp_path):
    nights(tmp_path)
    record(tmp_path, "other", END, days_ago=90, policy="weekly")

    assert pruned(tmp_path) == set()


@pytest.mark.parametrize(
    "events",
    [(), (b.a_change_planned(), b.a_run_finished(ExitCode.PARTIAL, unsettled=1)), (b.a_run_interrupted(),)],
    ids=["no end", "open changes", "died"],
)
def test_a_run_that_is_not_settled_stays_until_it_is(tmp_path, events):
    nights(tmp_path)
    record(tmp_path, "open", *events, days_ago=90)
    record(tmp_path, "done", *events, b.a_run_settled(), days_ago=90)

    assert pruned(tmp_path) == {"done"}


def test_the_last_five_of_a_place_stay_however_old(tmp_path):
    nights(tmp_path, days_ago=range(40, 47))

    assert pruned(tmp_path) == {f"night-{b.TARGET}-{day}" for day in (45, 46)}


def test_the_last_good_list_of_a_place_stays_for_the_next_to_be_compared_with(tmp_path):
    record(tmp_path, "good", b.an_inventory_listed(47), END, days_ago=90)
    for day in range(6):
        record(tmp_path, f"refused-{day}", b.a_run_finished(ExitCode.REFUSED), days_ago=day)
    place = replace(b.a_target_ref(), project_id=b.TARGET)

    assert pruned(tmp_path) == set()
    assert history.history(tmp_path, place, NOW).baseline == Baseline(run_id="good", tasks=47)


def test_a_contested_task_stays_so_until_a_person_clears_it(tmp_path):
    nights(tmp_path)
    contested = ChangeContested(target=b.TARGET, task_id=b.TASK, desired=ResumeMode.AUTO)
    record(tmp_path, "contested", b.a_change_planned(), contested, END, days_ago=90)

    assert pruned(tmp_path) == set()
    contests.clear(tmp_path, [b.TASK], NOW, "li.wei")
    assert pruned(tmp_path) == {"contested"}


def test_the_run_of_an_incident_stays(tmp_path):
    nights(tmp_path)
    record(tmp_path, "incident", END, days_ago=90)
    began = datetime.fromtimestamp(NOW, UTC)
    override = Override(
        id="ov-1",
        mode=PolicyMode.MANUAL,
        patterns=("*",),
        reason="INC-4211",
        owner="li.wei",
        created=began,
        expires=began,
        run_id="incident",
    )
    overrides.amend(tmp_path, lambda _: [Added(at=began, by="li.wei", override=override)])

    assert pruned(tmp_path) == set()
