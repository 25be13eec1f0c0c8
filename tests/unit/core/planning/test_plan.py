import random
from datetime import timedelta

from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.overrides.events import override_events
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning import plan as planning
from enforcer.core.planning.plan import PolicyPlanner
from enforcer.model.event import OverridesConflicted
from enforcer.model.plan import Cause
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task, an_inventory, an_override

EVERYTHING = Selection(())


def build(policy, *tasks, only=EVERYTHING, overrides=(), since=None):
    planner = PolicyPlanner(policy=policy, overrides=CompiledOverrides(overrides), selection=only, now=NOW, since=since)
    return planner.plan(an_inventory(*tasks))


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


def test_the_plan_says_what_each_override_in_force_decided_in_sync_left_or_to_change():
    overrides = [
        an_override("pay", "manual", "a*"),
        an_override("hands-off", "leave", "b*"),
        an_override("x", "auto", "x"),
    ]

    plan = build(a_policy(), a_task("a1", resume_mode=ResumeMode.AUTO), a_task("a2"), a_task("b1"), overrides=overrides)

    assert {"hands-off": 1, "pay": 2, "x": 0} == {held.override.id: held.tasks for held in plan.overrides.held}
    assert [5 * 3600.0] * 3 == [event.override.left_s for event in override_events(plan)]


def test_the_plan_says_what_the_end_of_an_override_brings_about():
    policy = a_policy(default=PolicyMode.AUTO)
    hour = timedelta(hours=1)
    overrides = [
        an_override("expired", "manual", "a*", expires=NOW - hour),
        an_override("ended", "leave", "b*", ended_at=NOW, ended_by="li.wei on ops-1"),
        an_override("agreed", "auto", "c*", expires=NOW - hour),
        an_override("long-ago", "manual", "*", created=NOW - 9 * hour, expires=NOW - 5 * hour),
    ]
    tasks = [a_task("a1"), a_task("a2", resume_mode=ResumeMode.AUTO), a_task("b1"), a_task("c1")]

    plan = build(policy, *tasks, overrides=overrides, since=NOW - 2 * hour)
    events = {event.override.id: event for event in override_events(plan)}

    assert {"expired": ("a1",), "ended": ("b1",), "agreed": ()} == {
        name: event.task_ids for name, event in events.items()
    }
    assert ("2026-11-23T01:15:00Z", None) == (events["expired"].override.ended_at, events["expired"].override.ended_by)
    assert "li.wei on ops-1" == events["ended"].override.ended_by
    assert () == build(policy, *tasks, overrides=overrides).overrides.released


def test_overrides_that_contradict_each_other_are_told_and_only_of_eligible_tasks():
    overrides = [an_override("one", "auto", "a*"), an_override("two", "manual", "*1")]

    plan = build(a_policy(), a_task("a1"), a_task("a11", status="SUCCESS"), a_task("a2"), overrides=overrides)

    (event,) = (event for event in override_events(plan) if isinstance(event, OverridesConflicted))
    assert (("two", "one"), PolicyMode.MANUAL, 1) == (event.override_ids, event.mode, event.tasks)
