from datetime import UTC, datetime

import pytest

from enforcer.errors import PolicyError
from enforcer.model.rule import PolicyMode
from enforcer.policyfile import load_text


def written(body):
    return load_text(f"version: 1\ntests:\n{body}".encode(), "p.yaml").tests


def test_what_a_test_leaves_out_is_that_of_an_ordinary_task():
    (test,) = written("  - {name: t, task: {task_name: pay-1}, expect: {mode: leave, rule: not eligible}}\n")

    assert (test.task.task_name, test.task.status, test.task.migration_type) == (
        "pay-1",
        "INCRMIGRATING",
        "online_migration",
    )
    assert (test.mode, test.decided_by, test.at) == (PolicyMode.LEAVE, "not eligible", None)
    assert (test.origin.line, test.origin.column) == (3, 5)


def test_a_test_has_a_time_and_overrides_of_its_own():
    (test,) = written(
        "  - name: t\n    task: {task_id: 00112233}\n    at: 2030-01-01T00:00:00+01:00\n"
        "    expect: {rule: override o}\n"
        "    overrides:\n      - {id: o, tasks: '*', mode: manual, reason: because of it, owner: li,\n"
        "         created: 2029-12-31T00:00:00Z, expires: 2030-01-01T00:00:00Z}\n"
    )

    assert test.task.task_id == "00112233"
    assert test.at == datetime(2029, 12, 31, 23, tzinfo=UTC)
    assert [each.id for each in test.overrides] == ["o"]


@pytest.mark.parametrize(
    "body",
    [
        "  - {task: {task_name: x}, expect: {mode: auto}}\n",
        "  - {name: t, task: {}, expect: {mode: auto}}\n",
        "  - {name: t, task: {task_name: x}, expect: {}}\n",
        "  - {name: t, task: {task_name: [x]}, expect: {mode: auto}}\n",
        "  - {name: t, task: {resume_mode: auto}, expect: {mode: auto}}\n",
        "  - {name: t, task: {task_name: x}, expect: {mode: atuo}}\n",
        "  - {name: t, task: {task_name: x}, expect: {mode: auto}, at: tomorrow}\n",
    ],
)
def test_what_is_no_test_is_refused(body):
    with pytest.raises(PolicyError):
        written(body)
