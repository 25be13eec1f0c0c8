import re

import pytest
from hypothesis import given
from msgspec.structs import replace
from rich.cells import cell_len

from enforcer.model.report.run import Notice
from enforcer.model.report.task import State
from enforcer.reports import render
from tests.report_strategies import reports
from tests.sample_reports import SAMPLES, a_report, a_target, a_task, unsent


def lines_of(report) -> list[str]:
    return render(report, "text").splitlines()


def test_nothing_to_do_takes_two_lines():
    assert lines_of(SAMPLES["nothing-to-change"]) == [
        "nightly · prod-eu (eu-west-101) · 38 tasks, 34 eligible",
        "Nothing to change.  32 in sync.  6 left alone: 4 not eligible, 2 no rule.",
    ]


def test_a_plan_tells_what_would_change_and_how_to_do_it():
    lines = lines_of(SAMPLES["plan"])

    assert "7 to change: 1 to manual, 6 to auto.  32 in sync.  6 left alone: 4 not eligible, 2 no rule." in lines
    assert lines[-1].startswith("Nothing was sent.  To do it: enforcer apply policies/nightly.yaml")


def test_a_run_ends_with_its_counts():
    assert "Done in 6 min 41 s.  9 changed and read back.  0 failed." in lines_of(SAMPLES["done"])


def test_columns_start_at_the_same_cell_in_every_row():
    names = ("short", "支付-订单", "a-very-long-name-that-does-not-fit-into-forty-cells-at-all", None)
    report = a_report(a_target([a_task(number, task_name=name) for number, name in enumerate(names)]))

    rows = [line for line in lines_of(report) if line.startswith("  to auto")]

    assert {cell_len(row[: row.index("payments")]) for row in rows} == {len("  to auto  ########…  ") + 40 + 2}
    assert any("a-very-long-name-that-does-not-fit-into…" in row for row in rows)


def test_a_state_is_named_beside_tasks_that_do_not_share_it():
    rows = "\n".join(lines_of(a_report(a_target([a_task(1), unsent(2)]))))

    assert re.search(r"^  verified +to auto", rows, re.MULTILINE)
    assert re.search(r"^  not attempted +to auto", rows, re.MULTILINE)
    assert "verified  " not in render(SAMPLES["done"], "text")


def test_notices_in_a_row_share_their_hint():
    notices = tuple(
        Notice(target=None, message=message, hint=hint, exit_code=4)
        for message, hint in (("a", "raise it"), ("b", "raise it"), ("c", "wait"), ("d", None))
    )
    report = a_report(a_target([unsent()]), notices=notices, command="plan")

    assert lines_of(report)[-7:] == [
        "refused: a.",
        "refused: b.",
        "  raise it",
        "refused: c.",
        "  wait",
        "refused: d.",
        "Nothing was sent.",
    ]


@pytest.mark.parametrize(("number", "hidden"), [(40, None), (41, "1"), (1240, "1,200")])
def test_a_group_is_cut_at_forty_with_a_count(number, hidden):
    lines = lines_of(a_report(a_target([a_task(each) for each in range(number)])))

    assert sum(line.startswith("  to auto") for line in lines) == 40
    assert [line.split()[2] for line in lines if line.startswith("  … and")] == ([hidden] if hidden else [])


def test_a_long_reason_does_not_cost_the_request_id():
    task = a_task(state=State.FAILED, reason="支付 " * 200, request_id="r-4711")

    assert lines_of(a_report(a_target([task])))[2].endswith("… (request r-4711)")


def test_a_failure_is_shown_however_many_others_wait_for_a_person():
    tasks = [*(unsent(number, state=State.SKIPPED) for number in range(99)), a_task(99, state=State.FAILED)]

    assert lines_of(a_report(a_target(tasks)))[2].startswith("  failed ")


@given(reports())
def test_every_planned_task_is_shown_or_counted(report):
    policy = replace(report.policy, name="nightly")
    lines = lines_of(replace(report, policy=policy, notices=(), waves=()))

    rows = [line for line in lines if line.startswith("  ")]
    counted = [int(row.split()[2].replace(",", "")) for row in rows if row.startswith("  … and ")]
    assert len(rows) - len(counted) + sum(counted) == sum(
        len(target.tasks) + len(target.withheld) for target in report.targets
    )
