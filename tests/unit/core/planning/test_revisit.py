"""The way back from a run and the way on, as plans."""

from types import MappingProxyType

import pytest
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.resume import Resume
from enforcer.core.planning.revisit import RevisitPlanner
from enforcer.core.planning.undo import Undo
from enforcer.model.event import Event
from enforcer.model.history import SetSince
from enforcer.model.report.task import State
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from tests import builders as b
from tests.wishes import NOW, a_policy, a_task, an_inventory

AUTO, MANUAL = ResumeMode.AUTO, ResumeMode.MANUAL
LEAVE_ALL = a_policy(default=PolicyMode.LEAVE)
ALL_AUTO = a_policy(default=PolicyMode.AUTO)
ALL_MANUAL = a_policy(default=PolicyMode.MANUAL)
TARGET = "prod"


def sent(task_id: str, *then: Event) -> list[Event]:
    return [b.a_change_attempted(task_id, target=TARGET), *then]


def the_run(**stories: list[Event]):
    """Return the report of a run that planned every task of *stories* from manual to auto, and what became of each."""
    planned = [b.a_change_planned(task_id, target=TARGET) for task_id in stories]
    return fold(b.entries(b.a_run_started(TARGET), *planned, *[event for story in stories.values() for event in story]))


EACH_STATE: dict[str, list[Event]] = {
    "verified": sent("verified", b.a_change_verified("verified", target=TARGET)),
    "acked": sent("acked", b.a_change_acked("acked", target=TARGET)),
    "unknown": sent("unknown"),
    "mismatch": sent("mismatch", replace(b.a_change_mismatched("mismatch"), target=TARGET)),
    "failed": sent("failed", b.a_change_failed("failed", target=TARGET)),
    "gone": sent("gone", b.a_change_gone("gone", target=TARGET)),
    "skipped": [b.a_change_skipped("skipped", target=TARGET)],
    "untouched": [],
}


def undone(earlier, *tasks, policy=LEAVE_ALL, only=(), set_since=MappingProxyType({})):
    judge = Undo(run_id=earlier.run_id, policy=policy, set_since=set_since)
    return planned(earlier, judge, tasks, policy, only)


def resumed(earlier, *tasks, policy=ALL_AUTO, follows_policy=True, only=()):
    judge = Resume(policy=policy, overrides=NO_OVERRIDES, now=NOW, follows_policy=follows_policy)
    return planned(earlier, judge, tasks, policy, only)


def planned(earlier, judge, tasks, policy, only):
    planner = RevisitPlanner(
        earlier=earlier,
        judge=judge,
        policy=policy,
        overrides=NO_OVERRIDES,
        selection=Selection(only),
        now=NOW,
    )
    assert all(planner.mode_matters(task) for task in tasks if task.task_id in EACH_STATE)
    plan = planner.plan(an_inventory(*tasks))
    assert plan.listed == len(tasks) == plan.in_sync + len(plan.left) + len(plan.changes)
    return plan


def changes(plan):
    return {change.task.task_id: change.desired for change in plan.changes}


def reasons(plan):
    return {each.task_id: each.reason for each in plan.withheld}


def test_undo_takes_back_what_is_as_the_run_left_it_and_names_the_rest():
    tasks = [a_task(task_id, resume_mode=AUTO) for task_id in EACH_STATE if task_id != "gone"]

    plan = undone(the_run(**EACH_STATE), *tasks, a_task("stranger"))

    assert changes(plan) == dict.fromkeys(("verified", "acked", "unknown", "mismatch"), MANUAL)
    assert {change.cause.name for change in plan.changes} == {f"undo {b.RUN_ID}"}
    assert reasons(plan) == dict.fromkeys(("failed", "gone", "skipped", "untouched"), "never changed by that run")


def test_undo_leaves_alone_what_has_moved_since_or_is_gone():
    run = the_run(**EACH_STATE)

    plan = undone(
        run,
        a_task("verified", resume_mode=MANUAL),
        a_task("acked", resume_mode=None),
        a_task("mismatch", resume_mode=AUTO, status="SUCCESS"),
    )

    assert changes(plan) == {}
    found = reasons(plan)
    assert found["verified"] == "moved since: it is manual again, as before that run"
    assert found["acked"] == "moved since: its mode is not reported"
    assert found["mismatch"] == "no longer eligible"
    assert found["unknown"].startswith("gone")
    assert {left.reason for left in plan.left} == {"moved since", "no longer eligible"}


def test_undo_leaves_alone_what_a_later_run_has_set_whatever_it_shows():
    names = ("verified", "acked", "unknown")
    tasks = [a_task(task_id, resume_mode=AUTO) for task_id in names]
    later = {"verified": SetSince(run_id="r-2", mode=AUTO), "acked": SetSince(run_id="r-3", mode=MANUAL)}

    plan = undone(the_run(**{name: EACH_STATE[name] for name in names}), *tasks, set_since=later)

    assert changes(plan) == {"unknown": MANUAL}
    assert reasons(plan) == {
        "verified": "set by a later run: r-2, to auto",
        "acked": "set by a later run: r-3, to manual, and it is auto again",
    }
    assert {left.reason for left in plan.left} == {"set by a later run"}


def test_undo_does_not_guess_a_mode_before_that_nobody_knows():
    planned_blind = replace(b.a_change_planned("t1", target=TARGET), before=None)
    run = fold(b.entries(b.a_run_started(TARGET), planned_blind, *sent("t1", b.a_change_verified("t1", target=TARGET))))

    plan = undone(run, a_task("t1", resume_mode=AUTO))

    assert reasons(plan) == {"t1": "its mode before is not known"}


def test_only_narrows_what_is_taken_back():
    run = the_run(verified=EACH_STATE["verified"], acked=EACH_STATE["acked"])
    tasks = [a_task(task_id, resume_mode=AUTO) for task_id in ("verified", "acked")]

    plan = undone(run, *tasks, only=("ver*",))

    assert changes(plan) == {"verified": MANUAL}
    assert [(left.task.task_id, left.reason) for left in plan.left] == [("acked", "outside --only")]


@pytest.mark.parametrize(("policy", "count"), [(ALL_AUTO, 1), (ALL_MANUAL, 0), (LEAVE_ALL, 0)])
def test_undo_tells_what_the_policy_would_revert(policy, count):
    run = the_run(verified=EACH_STATE["verified"])

    plan = undone(run, a_task("verified", resume_mode=AUTO), policy=policy)

    assert len(plan.contradicted) == count


def test_an_undo_can_be_undone():
    first = the_run(verified=EACH_STATE["verified"])
    back = undone(first, a_task("verified", resume_mode=AUTO))
    (change,) = back.changes
    event = b.a_change_planned("verified", target=TARGET, before=AUTO, desired=change.desired, rule=change.cause.name)
    verified = replace(b.a_change_verified("verified", target=TARGET), observed=MANUAL)
    second = fold(b.entries(b.a_run_started(TARGET, run_id="second"), event, *sent("verified", verified)))

    plan = undone(second, a_task("verified", resume_mode=MANUAL))

    assert changes(plan) == {"verified": AUTO}


def test_resume_does_what_was_not_attempted_or_did_not_happen():
    tasks = [a_task(task_id, resume_mode=MANUAL) for task_id in EACH_STATE if task_id != "gone"]

    plan = resumed(the_run(**EACH_STATE), *tasks)

    assert changes(plan) == dict.fromkeys(("acked", "unknown", "mismatch", "failed", "untouched"), AUTO)
    assert {change.cause.name for change in plan.changes} == {"payments"}, "the cause stays what it was"
    assert set(reasons(plan)) == {"skipped"}
    assert [left.reason for left in plan.left if left.task.task_id == "verified"] == ["done by that run"]


def test_resume_counts_as_in_sync_what_is_as_desired_by_now():
    plan = resumed(the_run(untouched=[], unknown=EACH_STATE["unknown"]), a_task("untouched", resume_mode=AUTO))

    assert (plan.in_sync, changes(plan)) == (1, {})
    assert reasons(plan) == {"unknown": "gone: it is no longer in the list of tasks"}


@pytest.mark.parametrize(
    ("task", "policy", "reason"),
    [
        (a_task("untouched", resume_mode=None), ALL_AUTO, "moved since: its mode is not reported"),
        (a_task("untouched", status="SUCCESS"), ALL_AUTO, "no longer eligible"),
        (a_task("untouched"), ALL_MANUAL, "the policy asks otherwise now: manual"),
        (a_task("untouched"), LEAVE_ALL, "the policy asks otherwise now: to leave it"),
    ],
)
def test_resume_skips_what_has_moved_and_says_why(task, policy, reason):
    plan = resumed(the_run(untouched=[]), task, policy=policy)

    assert reasons(plan) == {"untouched": reason}


def test_what_no_policy_had_asked_for_is_resumed_against_it():
    plan = resumed(the_run(untouched=[]), a_task("untouched"), policy=ALL_MANUAL, follows_policy=False)

    assert changes(plan) == {"untouched": AUTO}
    assert len(plan.contradicted) == 1


def test_what_a_run_has_set_back_itself_is_neither_undone_nor_resumed():
    run = the_run(verified=EACH_STATE["verified"])
    (target,) = run.targets
    reverted = replace(run, targets=(replace(target, tasks=(replace(target.tasks[0], state=State.REVERTED),)),))

    for plan in (undone(reverted, a_task("verified")), resumed(reverted, a_task("verified"))):
        assert reasons(plan) == {"verified": "set back by that run itself"}


def test_shares_are_of_every_task_that_is_eligible_not_of_the_earlier_run_s_alone():
    plan = undone(
        the_run(verified=EACH_STATE["verified"]),
        a_task("verified", resume_mode=AUTO),
        a_task("another"),
        a_task("ended", status="SUCCESS"),
    )

    assert (plan.listed, plan.eligible) == (3, 2)
