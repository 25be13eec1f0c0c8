import shlex

import pytest
from msgspec.structs import replace

from enforcer.model.report.run import Exit
from enforcer.reports import steps, words
from tests.sample_reports import SAMPLES

BOTH_WAYS = ["enforcer runs resume 20261123T021500Z-7f3a", "enforcer runs undo 20261123T021500Z-7f3a"]


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("plan", ["enforcer apply policies/nightly.yaml --only 'pay-*' --only 'sh wan'"]),
        ("plan-of-many", ["enforcer apply policies/nightly.yaml"]),
        ("refused-plan", []),
        ("refused-apply", ["enforcer plan policies/nightly.yaml"]),
        ("done", ["enforcer runs undo 20261123T021500Z-7f3a"]),
        ("nothing-to-change", []),
        ("denied", []),
        ("every-state", BOTH_WAYS),
        ("two-targets", BOTH_WAYS),
        ("unfinished", ["enforcer plan 'policies/prod eu'"]),
    ],
)
def test_a_report_ends_with_the_command_that_comes_next(sample, expected):
    assert [step.command for step in steps.steps(SAMPLES[sample])] == expected


def test_a_plan_that_is_asked_about_names_no_command():
    asked = replace(SAMPLES["plan"], exit=Exit(code=None, name="unfinished"))

    assert steps.steps(asked) == ()
    assert words.outcome(asked) == ("7 to change: 1 to manual, 6 to auto.",)


def test_a_plan_of_which_nothing_may_go_now_names_no_command():
    plan = SAMPLES["plan"]
    held = replace(plan.totals, deferred=plan.totals.planned, not_attempted=0)

    assert steps.steps(replace(plan, totals=held)) == ()


def test_the_command_can_be_pasted_into_a_shell():
    report = replace(SAMPLES["plan"], only=("pay'; rm -rf *",))

    (step,) = steps.steps(report)

    assert shlex.split(step.command)[-1] == "pay'; rm -rf *"


def test_the_next_command_means_the_same_tasks_place_and_terms():
    said = (("--target", "a b"), ("--allow-partial",), ("--accept-inventory", "7", "moved on"), ("--state-dir", "here"))
    plan, run = (replace(SAMPLES[name], flags=(*said, ("--unsafe-state-fs",))) for name in ("plan-of-many", "done"))

    terms = "--target 'a b' --allow-partial --accept-inventory 7 'moved on' --state-dir here"
    assert [step.command for step in steps.steps(plan)] == [f"enforcer apply policies/nightly.yaml {terms}"]
    assert [step.command for step in steps.steps(run)] == [
        f"enforcer runs undo {run.run_id} --state-dir here --unsafe-state-fs"
    ]
    assert steps.whole_report(run) == f"enforcer runs report {run.run_id} --state-dir here --format json"


def test_a_plan_and_a_run_each_tell_how_to_see_all_of_it():
    assert steps.whole_report(SAMPLES["plan-of-many"]) == "enforcer plan policies/nightly.yaml --format json"
    assert steps.whole_report(SAMPLES["throttled"]) == f"enforcer runs report {SAMPLES['done'].run_id} --format json"


def test_a_run_that_went_back_to_another_names_no_policy_to_plan_again():
    undone = replace(SAMPLES["every-state"], command="runs undo", parent_run="20261122T021500Z-1a2b")
    asked = replace(SAMPLES["plan"], exit=Exit(code=None, name="unfinished"), parent_run="20261122T021500Z-1a2b")

    assert [step.command for step in steps.steps(undone)] == BOTH_WAYS
    assert steps.steps(asked) == ()
    assert steps.whole_report(asked).startswith("enforcer runs report ")


def test_a_run_that_died_is_finished_not_planned_again():
    died = replace(SAMPLES["every-state"], exit=Exit(code=None, name="interrupted"))

    assert [step.command for step in steps.steps(died)] == BOTH_WAYS
