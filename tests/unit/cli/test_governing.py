"""`enforcer tasks --rule`: which tasks a rule decides."""

import pytest

from enforcer.cli.lookups.governing import governed
from enforcer.cli.state import Home
from enforcer.errors import UsageError
from enforcer.model.task import ResumeMode, Task
from enforcer.policyfile import load_text

POLICY = load_text(
    b"""
version: 1
eligible: {status: [MIGRATING]}
rules:
  - {id: wan, match: {task_name: "*-wan-*"}, mode: manual}
  - {id: pay, match: {task_name: "pay-*"}, mode: auto}
overrides:
  - {id: INC-1, tasks: pay-held, mode: leave, reason: The source is busy, owner: li.wei,
     created: 2020-01-01T00:00:00Z, expires: 2020-01-02T00:00:00Z}
""",
    "p.yaml",
)
NAMES = ("pay-1", "pay-wan-1", "pay-held", "crm-1", "pay-done")


def of(*rules, home):
    is_governed = governed(POLICY, rules, home)
    statuses = {"pay-done": "SUCCESS"}
    tasks = [
        Task(
            target="t",
            task_id=name,
            task_name=name,
            status=statuses.get(name, "MIGRATING"),
            resume_mode=ResumeMode.AUTO,
        )
        for name in NAMES
    ]
    return [task.task_name for task in tasks if is_governed(task)]


def test_a_rule_has_the_tasks_that_it_is_the_first_to_match(tmp_path):
    assert of("pay", home=Home(directory=tmp_path)) == ["pay-1", "pay-held"]
    assert of("wan", home=Home(directory=tmp_path)) == ["pay-wan-1"]
    assert of("wan", "default", home=Home(directory=tmp_path)) == ["pay-wan-1", "crm-1"]


def test_a_rule_that_there_is_not_is_a_usage_error_that_names_the_nearest(tmp_path):
    with pytest.raises(UsageError, match="no rule 'pya'") as refused:
        governed(POLICY, ["pya"], Home(directory=tmp_path))
    assert refused.value.hint == "Did you mean pay?"
