import random

from enforcer.core import plan as planning
from enforcer.core.matching import Selection
from enforcer.core.overrides import CompiledOverrides
from enforcer.model.plan import Cause
from enforcer.model.policy import PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task, an_inventory, an_override

EVERYTHING = Selection(())


def build(policy, *tasks, only=EVERYTHING, overrides=()):
    return planning.build(an_inventory(*tasks), policy, CompiledOverrides(overrides), only, NOW)


def test_each_listed_task_is_in_sync_left_or_to_change():
    policy = a_policy(a_rule("auto", task_id=("a*",)), a_rule("hands-off", "leave", task_id=("b*",)))

    plan = build(
        policy,
        a_task("a1"),
        a_task("a2", resume_mode=ResumeMode.AUTO),
        a_task("b1"),
        a_task("c1"),
        a_task("a3", status="SUCCESS"),
    )

    assert (5, 4, 1, 1, 3) == (plan.listed, plan.eligible, plan.in_sync, len(plan.changes), len(plan.left))
    assert ["rule hands-off", "no rule matches", "not eligible"] == [left.reason for left in plan.left]


def test_a_task_whose_mode_is_unknown_is_planned_but_has_an_obstacle():
    (change,) = build(a_policy(default=PolicyMode.AUTO), a_task(resume_mode=None)).changes

    assert change.obstacle == planning.MODE_NOT_REPORTED


def test_an_unsound_row_names_its_defect():
    row = a_task("../x", defect="its id is not one")

    (change,) = build(a_policy(default=PolicyMode.AUTO), row).changes

    assert change.obstacle == "its id is not one"


def test_only_selects_by_id_or_by_name_and_leaves_the_rest():
    plan = build(
        a_policy(default=PolicyMode.AUTO),
        a_task("a1", task_name="x"),
        a_task("b1", task_name="pay-1"),
        a_task("c1", task_name=None),
        only=Selection(("a*", "pay-*")),
    )

    assert ["a1", "b1"] == [change.task.task_id for change in plan.changes]
    assert [planning.OUTSIDE_ONLY] == [left.reason for left in plan.left]


def test_to_manual_goes_first_then_priority_then_id_whatever_the_order_of_the_list():
    policy = a_policy(
        a_rule("low", task_id=("a*",)),
        a_rule("high", task_id=("b*",), priority=10),
        a_rule("safe", "manual", task_id=("c*",)),
    )
    tasks = [a_task("a1"), a_task("a2"), a_task("b1"), a_task("c1", resume_mode=ResumeMode.AUTO)]

    for seed in range(5):
        random.Random(seed).shuffle(tasks)
        plan = build(policy, *tasks)

        assert ["c1", "b1", "a1", "a2"] == [change.task.task_id for change in plan.changes]


def test_a_change_by_an_override_names_it_its_reason_and_its_ticket():
    policy = a_policy(a_rule("all", "auto", task_id=("*",)))
    override = an_override("INC-1", "manual", "a*", ticket="CHG-1")

    (change,) = build(policy, a_task("a1", resume_mode=ResumeMode.AUTO), overrides=[override]).changes

    assert change.cause == Cause(name="override INC-1", reason="source CPU at 95 % (CHG-1)")


def test_a_task_that_an_override_leaves_alone_says_which_and_until_when():
    (left,) = build(a_policy(default=PolicyMode.AUTO), a_task(), overrides=[an_override("INC-1", "leave")]).left

    assert left.reason == "override INC-1 until 2026-11-23T07:15Z"
