"""What a run told when its journal had failed comes back into it: all or nothing, twice as well as once."""

import pytest

from enforcer.core.fold.summary import fold
from enforcer.errors import DataError, ExitCode
from enforcer.journal import lines, reader, register
from enforcer.journal.emergency import Taken, take_back
from enforcer.journal.records import Records
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.report.task import State
from tests import builders as b

RUN = b.entries(
    b.a_run_started(),
    b.a_change_planned(),
    b.a_change_attempted(),
    b.a_change_acked(),
    b.a_run_stopped(),
    b.a_run_finished(),
)


def told(*entries, run_id=b.RUN_ID):
    return [lines.line(run_id, entry) + "\n" for entry in entries]


def record(store, *entries):
    with JournalWriter(store, print) as journal:
        for entry in entries:
            journal.emit(entry)


def recorded(store):
    return tuple(reader.events(store, b.RUN_ID))


@pytest.mark.parametrize("durable", range(len(RUN) + 1))
def test_what_is_missing_is_added_whatever_was_durable(store, durable):
    if durable:
        record(store, *RUN[:durable])
    text = ["a line of the log\n", *told(*RUN[durable:]), "error: the journal is full\n"]

    taken = take_back(store, text)

    left = len(RUN) - durable
    assert taken == ((Taken(run_id=b.RUN_ID, added=left, known=0, missing=0),) if left else ())
    assert recorded(store) == RUN


def test_it_does_no_harm_twice(store):
    record(store, *RUN[:3])
    take_back(store, told(*RUN[2:]))

    assert take_back(store, told(*RUN[2:])) == (Taken(run_id=b.RUN_ID, added=0, known=4, missing=0),)
    assert recorded(store) == RUN


def test_what_was_exported_elsewhere_is_the_same_run_here(store, tmp_path):
    there = SqliteStore(tmp_path / "there")
    record(there, *RUN)

    take_back(store, reader.exported(there, b.RUN_ID))

    assert recorded(store) == RUN


def test_lines_that_are_lost_are_counted(store):
    record(store, *RUN[:2])

    assert take_back(store, told(RUN[4])) == (Taken(run_id=b.RUN_ID, added=1, known=0, missing=2),)


def test_a_run_that_was_settled_meanwhile_keeps_what_reading_showed(store):
    record(store, *RUN[:3])
    Records(store).append(b.RUN_ID, b.STARTED_AT + 99, [b.a_run_interrupted(), b.a_change_verified()])

    (taken,) = take_back(store, told(*RUN[3:]))

    assert (taken.added, taken.missing) == (3, 0)
    report = fold(recorded(store))
    assert report.exit.code == RUN[-1].event.exit_code
    assert report.targets[0].tasks[0].state is State.VERIFIED


def test_several_runs_in_one_text_are_told_apart(store):
    other = b.entries(b.a_run_started(run_id="run-2"), b.a_run_finished())

    taken = take_back(store, [*told(*RUN), *told(*other, run_id="run-2")])

    assert [(each.run_id, each.added) for each in taken] == [(b.RUN_ID, 6), ("run-2", 2)]


DAMAGED = {
    "cut off": ([*told(*RUN)[:3], told(RUN[3])[0][:90]], "line 4: the line is damaged"),
    "another event under the same number": (
        told(*RUN) + told(b.entries(*[b.a_change_lost()] * 4)[3]),
        "line 7: event 4 .* told twice, and differently",
    ),
    "without a beginning": (told(*RUN[1:]), "the beginning of run .* is neither"),
    "with another run's beginning": (told(*RUN, run_id="run-2"), "the beginning of run run-2 is neither"),
}


@pytest.mark.parametrize(("text", "reason"), DAMAGED.values(), ids=DAMAGED)
def test_what_is_not_sound_is_named_and_nothing_is_added(store, text, reason):
    with pytest.raises(DataError, match=reason) as caught:
        take_back(store, text)

    assert caught.value.exit_code is ExitCode.DATA
    assert caught.value.hint
    assert register.listed(store) == ()


def test_what_contradicts_the_journal_is_never_taken_over_it(store):
    record(store, *RUN[:4])
    lie = b.entries(*[b.a_change_lost()] * 4)[3]

    with pytest.raises(DataError, match=r"event 4 .* says something else"):
        take_back(store, [*told(lie), *told(*RUN[4:])])
    assert recorded(store) == RUN[:4]


def test_a_text_without_events_makes_no_journal(store):
    assert take_back(store, ["error: the disk is full\n"]) == ()
    with store.reading() as connection:
        assert connection is None
