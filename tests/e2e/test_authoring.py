"""Writing a policy: look at the tasks, begin, check, explain, and see what an edit does."""

import pytest

from tests.simulated import simulator

RULES = """\
version: 1
rules:
  - {id: pay, match: {task_name: "pay-*"}, mode: MODE, reason: as agreed}
"""


@pytest.fixture(scope="module")
def cloud():
    with simulator(tasks=40, drift=0.1) as running:
        yield running


@pytest.fixture
def inventory(enforcer, cloud, tmp_path):
    file = tmp_path / "inventory.json"
    outcome = enforcer("tasks", "-o", str(file), env=cloud.env)
    assert outcome.code == 0, outcome
    return str(file)


def test_a_starter_policy_is_valid_and_its_first_plan_is_empty(enforcer, cloud, inventory, tmp_path):
    file = str(tmp_path / "mine.yaml")

    assert enforcer("init", "--inventory", inventory, "-o", file).code == 0
    assert enforcer("init", "--inventory", inventory, "-o", file).code == 64
    assert enforcer("check", file, "--inventory", inventory).code == 0
    plan = enforcer("plan", file, "--detailed-exitcode", "--format", "json", env=cloud.env)
    assert plan.code == 0, plan
    assert plan.json()["totals"]["planned"] == 0
    assert plan.json()["totals"]["in_sync"] > 0
    assert cloud.puts() == []


def test_the_inventory_is_what_the_api_lists(enforcer, cloud, inventory):
    listed = enforcer("tasks", "--format", "json", env=cloud.env).json()["inventories"][0]["tasks"]

    assert {task["task_id"]: task["resume_mode"] for task in listed} == {
        task["task_id"]: task["resume_mode"] for task in cloud.tasks()
    }
    only = enforcer("tasks", "--only", "pay-*", "--format", "json", env=cloud.env).json()["inventories"][0]["tasks"]
    assert 0 < len(only) < len(listed)
    assert {task["task_name"][:4] for task in only} == {"pay-"}


def test_check_says_what_is_wrong_and_how_it_ends(enforcer, inventory):
    shadowed = enforcer.policy(RULES.replace("MODE", "auto") + '  - {id: p, match: {task_name: "pay-1"}, mode: auto}\n')
    failing = enforcer.policy(
        RULES.replace("MODE", "auto") + "tests:\n  - {name: t, task: {task_name: pay-1}, expect: {mode: manual}}\n",
        name="failing.yaml",
    )
    reasonless = enforcer.policy(
        RULES.replace("MODE", "manual").replace(", reason: as agreed", ""), name="reasonless.yaml"
    )

    assert [row["code"] for row in enforcer("check", shadowed, "--format", "json").json()] == ["E101"]
    assert enforcer("check", shadowed).code == 65
    assert [row["code"] for row in enforcer("check", failing, "--format", "json").json()] == ["E103"]
    assert enforcer("check", failing).code == 65
    assert enforcer("check", reasonless).code == 0
    assert enforcer("check", reasonless, "--strict").code == 65
    assert enforcer("check", reasonless, "--inventory", "/nowhere/inventory.json").code == 65


def test_what_is_no_policy_is_told_to_people_and_to_programs(enforcer):
    rules = "".join(f"  - {{id: r{number}, match: x, mod: auto}}\n" for number in range(30))
    policy = enforcer.policy(f"version: 1\nrules:\n{rules}")

    shown = enforcer("check", policy)
    listed = enforcer("check", policy, "--format", "json")

    assert shown.code == listed.code == 65
    assert shown.out == ""
    assert len(shown.err.splitlines()) == 22, "two kinds, of each ten and a count"
    assert {row["code"] for row in listed.json()} == {"E001"}
    assert [row["line"] for row in listed.json()] == sorted([*range(3, 33)] * 2)
    assert enforcer("check", policy, "--format", "github").out.count("::error file=") == 60


def test_explain_finds_the_task_and_what_decides(enforcer, cloud, inventory):
    policy = enforcer.policy(RULES.replace("MODE", "auto"))
    (told,) = enforcer("explain", policy, "pay-orders-1", "--format", "json", env=cloud.env).json()

    assert (told["decided_by"], told["otherwise"]["decided_by"]) == ("pay", "default")
    assert enforcer("explain", policy, "nobody", "--inventory", inventory).code == 64


def test_explain_says_what_would_hold_the_change(enforcer, inventory):
    frozen = RULES.replace("MODE", "auto") + 'freeze:\n  - {from: "00:00", to: "24:00", timezone: UTC, reason: quiet}\n'
    told = enforcer("explain", enforcer.policy(frozen), "pay-*", "--inventory", inventory, "--format", "json").json()
    changes = [each for each in told if each["desired"] not in {None, each["task"]["resume_mode"]}]

    assert {each["held"] for each in changes} == {"frozen at all times: quiet"}
    assert {each["held"] for each in told if each not in changes} <= {None}


def test_impact_ends_with_2_if_the_edit_moves_a_task_to_auto(enforcer, inventory):
    old = enforcer.policy(RULES.replace("MODE", "manual"))
    new = enforcer.policy(RULES.replace("MODE", "auto"), name="new.yaml")

    assert enforcer("impact", old, new, "--inventory", inventory).code == 2
    assert enforcer("impact", new, old, "--inventory", inventory).code == 0
    assert enforcer("impact", old, old, "--inventory", inventory).out.startswith("The edit moves none of 40 tasks.")


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": "enforcer.plan/1"}', "\x00", '{"inventories": 1}'])
def test_what_is_no_inventory_is_refused(enforcer, tmp_path, text):
    file = tmp_path / "inventory.json"
    file.write_text(text)

    outcome = enforcer("check", enforcer.policy(RULES.replace("MODE", "auto")), "--inventory", str(file))

    assert outcome.code == 65
    assert "enforcer tasks -o FILE" in outcome.err
