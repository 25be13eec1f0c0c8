"""What still stands of a saved plan."""

import pytest

from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.savedplan import ALREADY, NOT_IN_PLAN, SavedPlanner
from enforcer.core.planning.saving import settings
from enforcer.model.savedplan import OnMoved
from enforcer.model.task import ResumeMode
from tests.saved import a_saved_change, a_saved_plan, a_saved_target
from tests.wishes import NOW, a_task, an_inventory, an_override

AUTO, MANUAL = ResumeMode.AUTO, ResumeMode.MANUAL


def planned(*tasks, saved=None, only=(), on_moved=OnMoved.SKIP, overrides=()):
    """The plan that a saved one with a change of t1 to auto comes to, over *tasks*."""
    saved = saved or a_saved_plan(a_saved_target(a_saved_change("t1")))
    planner = SavedPlanner(
        saved,
        policy=CompiledPolicy(settings(saved)),
        overrides=CompiledOverrides(overrides),
        selection=Selection(only),
        now=NOW,
        on_moved=on_moved,
    )
    return planner.plan(an_inventory(*tasks))


def test_a_task_as_it_was_is_changed_and_looked_at_again_before():
    [change] = planned(a_task("t1")).changes

    assert (AUTO, None, "payments") == (change.desired, change.obstacle, change.cause.name)
    assert change.condition is not None
    assert change.condition.broken(change, a_task("t1")) is None


def test_a_task_that_is_as_wanted_is_left_and_called_that():
    plan = planned(a_task("t1", resume_mode=AUTO))

    assert ((), [ALREADY]) == (plan.changes, [left.reason for left in plan.left])


@pytest.mark.parametrize(
    ("task", "why"),
    [
        pytest.param(a_task("t1", resume_mode=None), "its mode is not reported", id="mode"),
        pytest.param(a_task("t1", status="SUCCESS"), "its status is SUCCESS, and was INCRMIGEATING", id="status"),
        pytest.param(a_task("t1", status="FULLMIGRATING"), "is FULLMIGRATING, and was INCRMIGEATING", id="eligible"),
        pytest.param(a_task("t1", migration_type="other"), "it is not eligible any more", id="eligibility"),
        pytest.param(a_task("t1", defect="listed twice"), "listed twice", id="row"),
    ],
)
def test_what_moved_is_not_sent_and_says_why(task, why):
    [change] = planned(task).changes

    assert change.obstacle is not None
    assert change.obstacle.startswith("moved since the plan was made: ")
    assert change.obstacle.endswith(why)


def test_two_spellings_of_one_status_are_no_move():
    [change] = planned(a_task("t1", status="INCRMIGRATING")).changes

    assert change.obstacle is None


def test_what_is_no_longer_listed_is_told_and_counts_as_moved():
    plan = planned(a_task("t2"), on_moved=OnMoved.FAIL)

    assert ([], ["t1"]) == (list(plan.changes), [each.task_id for each in plan.withheld])
    assert "t1: it is no longer listed" in plan.objections[0]
    assert plan.listed == 1


def test_the_sums_come_out_whatever_is_listed():
    saved = a_saved_plan(a_saved_target(*(a_saved_change(f"t{number}") for number in range(4))))

    plan = planned(a_task("t0"), a_task("t1", resume_mode=AUTO), a_task("other"), saved=saved, only=("t[012]", "other"))

    assert plan.listed == len(plan.changes) + len(plan.left) + plan.in_sync
    assert {"t0"} == {change.task.task_id for change in plan.changes}
    assert {"t2"} == {each.task_id for each in plan.withheld}
    assert {ALREADY: 1, NOT_IN_PLAN: 1} == {left.reason: 1 for left in plan.left}


def test_to_fail_on_what_moved_is_an_objection_to_the_whole():
    moved = a_task("t1", status="SUCCESS")

    assert () == planned(moved).objections
    assert () == planned(a_task("t1"), on_moved=OnMoved.FAIL).objections
    [said] = planned(moved, on_moved=OnMoved.FAIL).objections
    assert "t1: its status is SUCCESS" in said


def test_an_override_that_appeared_holds_its_task():
    override = an_override("INC-1", mode="manual")

    [change] = planned(a_task("t1"), overrides=[override]).changes

    assert change.obstacle is not None
    assert "override INC-1 holds it" in change.obstacle


def test_a_change_that_an_override_asked_for_needs_it_still():
    saved = a_saved_plan(a_saved_target(a_saved_change("t1", rule="override INC-1")))
    override = an_override("INC-1", mode="auto")

    [standing] = planned(a_task("t1"), saved=saved, overrides=[override]).changes
    [over] = planned(a_task("t1"), saved=saved).changes

    assert standing.obstacle is None
    assert over.obstacle is not None
    assert "no longer in force" in over.obstacle
