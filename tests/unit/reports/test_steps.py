import shlex
from dataclasses import replace

import pytest

from enforcer.model.report import Exit
from enforcer.reports import steps, words
from tests.sample_reports import SAMPLES


@pytest.mark.parametrize(
    ("sample", "expected"),
    [
        ("plan", ["enforcer apply policies/nightly.yaml --only 'pay-*' --only 'sh wan'"]),
        ("plan-of-many", ["enforcer apply policies/nightly.yaml"]),
        ("refused-plan", []),
        ("refused-apply", ["enforcer plan policies/nightly.yaml"]),
        ("done", []),
        ("nothing-to-change", []),
        ("denied", []),
        ("every-state", ["enforcer plan policies/nightly.yaml"]),
        ("two-targets", ["enforcer plan policies/nightly.yaml"]),
        ("unfinished", ["enforcer plan 'policies/prod eu'"]),
    ],
)
def test_a_report_ends_with_the_command_that_comes_next(sample, expected):
    assert [step.command for step in steps.steps(SAMPLES[sample])] == expected


def test_a_plan_that_is_asked_about_names_no_command():
    asked = replace(SAMPLES["plan"], exit=Exit(code=None, name="unfinished"))

    assert steps.steps(asked) == ()
    assert words.outcome(asked) == ("7 to change: 1 to manual, 6 to auto.",)


def test_the_command_can_be_pasted_into_a_shell():
    report = replace(SAMPLES["plan"], only=("pay'; rm -rf *",))

    (step,) = steps.steps(report)

    assert shlex.split(step.command)[-1] == "pay'; rm -rf *"


def test_a_plan_and_a_run_each_tell_how_to_see_all_of_it():
    assert steps.whole_report(SAMPLES["plan-of-many"]) == "enforcer plan policies/nightly.yaml --format json"
    assert steps.whole_report(SAMPLES["throttled"]) == f"enforcer runs report {SAMPLES['done'].run_id} --format json"
