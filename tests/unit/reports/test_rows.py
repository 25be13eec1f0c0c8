from collections import Counter

import pytest
from msgspec.structs import replace

from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode
from enforcer.reports import rows
from tests.sample_reports import SAMPLES, a_report, a_target, a_task


def test_every_state_stands_in_exactly_one_group():
    assert Counter(state for group in rows.GROUPS for state in group.states) == Counter(State)


def test_the_worst_state_comes_first_and_plan_order_holds_inside_one():
    states = (State.GONE, State.FAILED, State.VERIFIED, State.UNKNOWN, State.FAILED)
    target = a_target([a_task(number, state=state) for number, state in enumerate(states)])

    shown = [(task.state, task.task_name) for _, task in rows.members(rows.ATTENTION, (target,))]

    assert shown == [
        (State.FAILED, "pay-orders-1"),
        (State.FAILED, "pay-orders-4"),
        (State.UNKNOWN, "pay-orders-3"),
        (State.GONE, "pay-orders-0"),
    ]


def test_ids_are_short_only_where_that_leaves_no_doubt():
    ids = ("aaaaaaaa1111", "aaaaaaaa2222", "bbbbbbbb1111", "cccccccc", "\x1b" * 20)
    report = a_report(a_target([replace(a_task(), task_id=task_id) for task_id in ids]))

    assert list(map(rows.short_ids(report), ids)) == [
        "aaaaaaaa1111",
        "aaaaaaaa2222",
        "bbbbbbbb…",
        "cccccccc",
        r"\x1b\x1b…",
    ]


def test_one_id_in_two_targets_is_one_id():
    target = a_target([a_task()])

    assert rows.short_ids(a_report(target, replace(target, name="other")))(a_task().task_id) == "9e3779b1…"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        pytest.param({"state": State.FAILED}, "it did not happen (request r-1)", id="no reason given"),
        pytest.param(
            {"state": State.FAILED, "reason": "no: HTTP 409", "http_status": 409, "error_code": "DCS.4114"},
            "no: HTTP 409 (DCS.4114, request r-1)",
            id="a fact is said once",
        ),
        pytest.param(
            {"state": State.UNKNOWN, "reason": "cut", "attempts": 3, "request_id": None},
            "cut (3 attempts)",
            id="attempts, where there were several",
        ),
        pytest.param(
            {"state": State.MISMATCH, "observed_after": ResumeMode.MANUAL, "request_id": None},
            "read back as manual",
            id="mismatch",
        ),
        pytest.param(
            {"state": State.MISMATCH, "observed_after": None, "request_id": None},
            "read back without a mode",
            id="no mode read back",
        ),
        pytest.param({"state": State.VERIFIED, "request_id": None}, "", id="nothing to explain"),
    ],
)
def test_why_tells_the_reason_and_what_support_asks_for(changes, said):
    assert rows.why(a_task(**({"request_id": "r-1"} | changes))) == said


def test_every_task_that_needs_a_person_has_a_reason():
    members = rows.members(rows.ATTENTION, SAMPLES["every-state"].targets)

    assert [task for _, task in members if not rows.why(task)] == []
