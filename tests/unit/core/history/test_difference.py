"""What two runs of a policy tell apart, task by task."""

import pytest

from enforcer.core.fold.summary import fold
from enforcer.core.history.difference import difference
from enforcer.model.event import ChangeDeferred
from enforcer.model.task import ResumeMode
from tests import builders as b

SET = (b.a_change_attempted(), b.a_change_acked(), b.a_change_verified())
FAILED = (b.a_change_attempted(), b.a_change_failed())
LOST = (b.a_change_attempted(), b.a_change_lost())
CONTESTED = (
    ChangeDeferred(target=b.TARGET, task_id=b.TASK, reason="contested: set to auto in 3 of the last 5 runs and so on"),
)
FROZEN = (ChangeDeferred(target=b.TARGET, task_id=b.TASK, reason="frozen until 20:00"),)
KINDS = ("newly_drifting", "drifting_again", "fixed", "newly_failing", "newly_contested")


def run(*became, planned=None, run_id="run-1", listed=True, **started):
    """The report of a run over one task, as desired unless something *became* of it."""
    list_of_it = [b.an_inventory_listed(1)] if listed else []
    change = [planned or b.a_change_planned(), b.a_plan_built(1), *became] if became or planned else []
    return fold(b.entries(b.a_run_started(run_id=run_id, **started), *list_of_it, *change))


def kinds(earlier, later):
    found = difference(earlier, later)
    return {kind for kind in KINDS if getattr(found, kind)} | ({"still"} if found.still_drifting else set())


@pytest.mark.parametrize(
    ("earlier", "later", "expected"),
    [
        ((), (), set()),
        ((), SET, {"newly_drifting"}),
        (SET, (), {"fixed"}),
        (FAILED, (), {"fixed"}),
        ((b.a_change_attempted(), b.a_change_gone()), (), set()),
        (SET, SET, {"drifting_again"}),
        (SET, FAILED, {"drifting_again", "newly_failing"}),
        ((), LOST, {"newly_drifting", "newly_failing"}),
        (FAILED, FAILED, {"still"}),
        (FAILED, LOST, {"still"}),
        (FROZEN, SET, {"still"}),
        (SET, CONTESTED, {"drifting_again", "newly_contested"}),
        (CONTESTED, CONTESTED, {"still"}),
        (FROZEN, CONTESTED, {"still", "newly_contested"}),
    ],
)
def test_what_became_of_a_task_in_both_runs_says_what_is_different(earlier, later, expected):
    assert kinds(run(*earlier), run(*later)) == expected


def test_a_task_that_is_wanted_in_the_other_mode_by_now_drifts_anew():
    other = b.a_change_planned(before=ResumeMode.AUTO, desired=ResumeMode.MANUAL)

    assert kinds(run(*SET), run(planned=other)) == {"newly_drifting"}


@pytest.mark.parametrize("only", [("pay-*",), ("name-of-8a7f03c2", "x*")])
def test_tasks_that_one_of_the_two_did_not_look_at_are_not_compared(only):
    assert kinds(run(*SET), run(only=only)) == set()
    assert kinds(run(only=only), run(*SET)) == set()


@pytest.mark.parametrize("only", [(b.TASK,), ("name-of-*",)])
def test_tasks_that_both_looked_at_are_compared(only):
    assert kinds(run(*SET), run(only=only)) == {"fixed"}


def test_a_target_that_one_of_the_two_did_not_list_is_named_and_not_compared():
    found = difference(run(*SET), run(listed=False))

    assert found.is_empty
    assert found.not_compared == (b.TARGET,)


def test_both_sides_are_named_and_each_task_is_as_its_run_saw_it():
    found = difference(run(*FAILED, run_id="run-1"), run(run_id="run-2"))

    assert (found.earlier.run_id, found.later.run_id) == ("run-1", "run-2")
    assert [(task.task_id, task.state) for task in found.fixed] == [(b.TASK, "failed")]
