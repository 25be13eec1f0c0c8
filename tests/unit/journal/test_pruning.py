"""What a policy keeps no longer is deleted, and nothing that anybody still needs."""

from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from enforcer.errors import ExitCode
from enforcer.journal import contests, history, overrides, reader, register
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


def record(store, run_id, *events, days_ago, policy="nightly", place=b.TARGET):
    ref = replace(b.a_target_ref(), project_id=place)
    whole = b.a_run_started(run_id=run_id, policy_name=policy, targets=(ref,)), *events
    with JournalWriter(store, print) as journal:
        for seq, event in enumerate(whole, start=1):
            journal.emit(Entry(seq=seq, at=NOW - days_ago * DAY_S + seq, event=event))


def nights(store, *, days_ago=range(5), place=b.TARGET, policy="nightly"):
    """Good runs without changes, the last five of a place: those that are kept anyway."""
    for day in days_ago:
        record(store, f"night-{place}-{day}", b.an_inventory_listed(3), END, days_ago=day, place=place, policy=policy)


def pruned(store, days=30):
    gone = prune(store, "nightly", NOW - days * DAY_S)
    assert not {row.run_id for row in register.listed(store, 1000)} & set(gone)
    return set(gone)


def test_without_a_journal_nothing_is_pruned_and_nothing_made(store):
    assert prune(store, "nightly", NOW) == ()
    with store.reading() as connection:
        assert connection is None


def test_what_is_older_goes_with_all_its_events_and_the_rest_stays_whole(store):
    nights(store)
    record(store, "old", b.a_change_planned(), END, days_ago=31)
    record(store, "young", b.a_change_planned(), END, days_ago=29)

    assert pruned(store) == {"old"}
    with store.reading() as connection:
        assert connection.execute("SELECT count(*) FROM event WHERE run_id = 'old'").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM run_target WHERE run_id = 'old'").fetchone() == (0,)
    assert len(list(reader.events(store, "young"))) == 3
    assert pruned(store) == set()


def test_the_runs_of_another_policy_are_not_its_business(store):
    nights(store)
    record(store, "other", END, days_ago=90, policy="weekly")

    assert pruned(store) == set()


@pytest.mark.parametrize(
    "events",
    [(), (b.a_change_planned(), b.a_run_finished(ExitCode.PARTIAL, unsettled=1)), (b.a_run_interrupted(),)],
    ids=["no end", "open changes", "died"],
)
def test_a_run_that_is_not_settled_stays_until_it_is(store, events):
    nights(store)
    record(store, "open", *events, days_ago=90)
    record(store, "done", *events, b.a_run_settled(), days_ago=90)

    assert pruned(store) == {"done"}


def test_the_last_five_of_a_place_stay_however_old(store):
    nights(store, days_ago=range(40, 47))

    assert pruned(store) == {f"night-{b.TARGET}-{day}" for day in (45, 46)}


def test_the_last_good_list_of_a_place_stays_for_the_next_to_be_compared_with(store):
    record(store, "good", b.an_inventory_listed(47), END, days_ago=90)
    for day in range(6):
        record(store, f"refused-{day}", b.a_run_finished(ExitCode.REFUSED), days_ago=day)
    place = replace(b.a_target_ref(), project_id=b.TARGET)

    assert pruned(store) == set()
    assert history.history(store, place, NOW).baseline == Baseline(run_id="good", tasks=47)


def test_a_contested_task_stays_so_until_a_person_clears_it(store):
    nights(store)
    contested = ChangeContested(target=b.TARGET, task_id=b.TASK, desired=ResumeMode.AUTO)
    record(store, "contested", b.a_change_planned(), contested, END, days_ago=90)

    assert pruned(store) == set()
    contests.clear(store, [b.TASK], NOW, "li.wei")
    assert pruned(store) == {"contested"}


def test_the_run_of_an_incident_stays(store):
    nights(store)
    record(store, "incident", END, days_ago=90)
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
    overrides.amend(store, lambda _: [Added(at=began, by="li.wei", override=override)])

    assert pruned(store) == set()
