"""What an earlier run left open, and what reading says of it."""

import pytest
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.history.recovery import OpenChange, earlier_run, settlement
from enforcer.model.event import ChangeFailed, ChangeGone, ChangeMismatched, ChangeRecalled, ChangeVerified, Event
from enforcer.model.task import ResumeMode
from tests import builders as b
from tests.wishes import a_task

AUTO, MANUAL = ResumeMode.AUTO, ResumeMode.MANUAL
LOST = OpenChange(
    target="prod", task_id="8a7f03c1", before=MANUAL, desired=AUTO, is_accepted=False, attempted_at=b.STARTED_AT
)
ACCEPTED = OpenChange(
    target="prod", task_id="8a7f03c1", before=MANUAL, desired=AUTO, is_accepted=True, attempted_at=b.STARTED_AT
)
CONFLICTING = OpenChange(
    target="prod", task_id="8a7f03c1", before=None, desired=AUTO, is_accepted=False, attempted_at=b.STARTED_AT
)


@pytest.mark.parametrize(
    ("change", "task", "kind"),
    [
        (LOST, a_task(resume_mode=AUTO), ChangeVerified),
        (LOST, a_task(resume_mode=MANUAL), ChangeFailed),
        (LOST, a_task(resume_mode=None), ChangeMismatched),
        (LOST, None, ChangeGone),
        (LOST, a_task(resume_mode=MANUAL, defect="listed twice"), None),
        (ACCEPTED, a_task(resume_mode=AUTO), ChangeVerified),
        (ACCEPTED, a_task(resume_mode=MANUAL), ChangeMismatched),
        (ACCEPTED, None, ChangeGone),
        (CONFLICTING, a_task(resume_mode=MANUAL), ChangeMismatched),
    ],
)
def test_a_read_settles_what_was_open(change, task, kind):
    event = settlement(change, task, is_fresh=False)

    assert (None if event is None else type(event)) is kind


@pytest.mark.parametrize(
    ("task", "kind"),
    [
        (a_task(resume_mode=AUTO), ChangeVerified),
        (None, ChangeGone),
        (a_task(resume_mode=MANUAL), None),
        (a_task(resume_mode=None), None),
    ],
)
def test_soon_after_the_attempt_the_mode_before_proves_nothing(task, kind):
    event = settlement(LOST, task, is_fresh=True)

    assert (None if event is None else type(event)) is kind


def test_what_was_sent_and_not_read_is_open_and_nothing_else():
    events: list[Event] = [
        b.a_run_started(),
        *[b.a_change_planned(f"t{number}") for number in range(7)],
        b.a_change_attempted("t0"),
        b.a_change_attempted("t1"),
        b.a_change_acked("t1"),
        b.a_change_attempted("t2"),
        b.a_change_acked("t2"),
        b.a_change_verified("t2"),
        b.a_change_attempted("t3"),
        b.a_change_failed("t3"),
        b.a_change_attempted("t4"),
        b.a_change_lost("t4"),
        b.a_change_skipped("t5"),
    ]

    earlier = earlier_run(b.entries(*events))

    assert [(change.task_id, change.is_accepted) for change in earlier.open_changes] == [
        ("t0", False),
        ("t1", True),
        ("t4", False),
    ]
    assert earlier.open_changes[0].attempted_at == b.STARTED_AT + 8
    assert earlier.died
    assert not earlier.is_marked
    assert earlier.not_attempted == {b.TARGET: 1}


def test_a_run_with_an_end_did_not_die():
    assert not earlier_run(b.entries(b.a_run_started(), b.a_run_finished())).died


def test_a_run_that_was_marked_is_known_to_be():
    assert earlier_run(b.entries(b.a_run_started(), b.a_run_interrupted())).is_marked


def test_without_a_beginning_there_is_no_run():
    with pytest.raises(ValueError, match=r"run\.started"):
        earlier_run(b.entries(b.a_run_finished()))


def test_of_a_change_that_was_recalled_the_way_back_is_open():
    task_id = "t1"
    events: list[Event] = [
        b.a_run_started(),
        b.a_change_planned(task_id),
        b.a_plan_built(),
        b.a_change_attempted(task_id),
        b.a_change_acked(task_id),
        ChangeRecalled(target=b.TARGET, task_id=task_id, desired=MANUAL, wave=1),
        b.a_change_attempted(task_id),
    ]

    [change] = earlier_run(b.entries(*events)).open_changes

    assert (AUTO, MANUAL, False) == (change.before, change.desired, change.is_accepted)
    found = settlement(change, a_task(task_id, resume_mode=MANUAL), is_fresh=False)
    assert isinstance(found, ChangeVerified)
    assert fold(b.entries(*events, replace(found, target=b.TARGET))).totals.reverted == 1
