import pytest
from hypothesis import given, settings

from enforcer.errors import ExitCode
from enforcer.model.report.task import State
from enforcer.reports import github, markdown, render
from tests.report_strategies import reports
from tests.sample_reports import SAMPLES, a_report, a_target, a_task

LONG = "<@#_*|`" * 60


@pytest.mark.parametrize(
    ("name", "callout"),
    [("done", "NOTE"), ("every-state", "WARNING"), ("refused-apply", "CAUTION"), ("unfinished", "CAUTION")],
)
def test_a_callout_in_the_colour_of_the_outcome_stands_first(name, callout):
    lines = render(SAMPLES[name], "github").split("\n")

    assert lines[0].startswith("## enforcer ")
    assert lines[2] == f"> [!{callout}]"


def test_it_has_room_for_more_rows_than_a_comment():
    report = a_report(a_target([a_task(number) for number in range(1, 1235)]))

    assert render(report, "github").count("| verified | to auto |") == 1000
    assert "… and 234 more: `enforcer runs report" in render(report, "github")
    assert render(report, "markdown").count("| verified | to auto |") == 40


@pytest.mark.parametrize(("form", "room"), [("github", github.ROOM), ("markdown", markdown.ROOM)])
def test_names_without_end_make_fewer_rows_and_the_rest_is_counted(form, room):
    failed = [
        a_task(n, state=State.FAILED, task_name=LONG, rule=LONG, reason=LONG, error_code=LONG) for n in range(1, 3001)
    ]
    text = render(a_report(a_target(failed), code=ExitCode.PARTIAL), form)
    shown = text.count("| failed | to auto")

    assert room / 3 < len(text.encode()) <= room
    assert shown > 0
    assert f"… and {3000 - shown:,} more: " in text


def test_many_targets_and_notices_are_counted():
    targets = [a_target([a_task(1)], name=f"target-{number}") for number in range(60)]
    text = render(a_report(*targets, notices=SAMPLES["denied"].notices * 60), "markdown")

    assert "… and 20 more targets" in text
    assert "… and 20 more notices" in text


@given(reports())
@settings(max_examples=50)
def test_any_report_fits(report):
    assert len(render(report, "markdown").encode()) <= markdown.ROOM
    assert len(render(report, "github").encode()) <= github.ROOM
