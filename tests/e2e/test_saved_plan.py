"""A plan that was saved and reviewed, carried out: fresh, twice, moved, edited, old, foreign."""

import json
import shlex
from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from enforcer.planfile import read, written
from tests.e2e.policies import adds_up, drifting, modes_sent, nightly, states
from tests.simulated import simulator

FLEET = {"tasks": 60, "drift": 0.5, "seed": 3}


@pytest.fixture
def cloud():
    with simulator(**FLEET) as cloud:
        yield cloud


@pytest.fixture
def plan(enforcer, cloud):
    """The path of a plan of all that drifts."""
    path = enforcer.folder / "plan.json"
    outcome = enforcer("plan", enforcer.policy(nightly()), "-o", path, env=cloud.env)
    assert outcome.code == 0, outcome
    assert f"enforcer apply {path}" in outcome.err
    assert cloud.puts() == []
    return path


def changes(plan):
    return json.loads(plan.read_text())["targets"][0]["changes"]


def test_a_plan_holds_each_change_with_its_condition(cloud, plan):
    document = json.loads(plan.read_text())

    assert document["format"] == "enforcer.plan/1"
    assert document["targets"][0]["endpoint"] == cloud.endpoint
    assert document["targets"][0]["project_id"] == cloud.project_id
    assert {change["task_id"]: change["desired"] for change in changes(plan)} == drifting(cloud.tasks())
    by_id = {task["task_id"]: task for task in cloud.tasks()}
    for change in changes(plan):
        assert change["before"] == by_id[change["task_id"]]["resume_mode"]
        assert change["status"] == by_id[change["task_id"]]["status"]
        assert (change["wave"] is None) is (change["desired"] == "manual")


def test_it_is_carried_out_without_a_question_each_task_looked_at_just_before(enforcer, cloud, plan):
    wrong = drifting(cloud.tasks())
    outcome = enforcer("apply", plan, env=cloud.env)

    assert outcome.code == 0, outcome
    assert modes_sent(cloud) == wrong
    assert drifting(cloud.tasks()) == {}
    last_seen: dict[str, str] = {}
    for request in cloud.requests():
        task_id = request["path"].rpartition("/")[2]
        if request["method"] == "PUT":
            assert last_seen[task_id] == "GET"
        last_seen[task_id] = request["method"]
    report = enforcer.report()
    assert adds_up(report)
    assert {task["rule"] for task in report["targets"][0]["tasks"]} == {"wan-links-stay-manual", "payments", "caches"}
    assert [wave["state"] for wave in report["waves"]] == ["passed"]


def test_a_second_time_does_no_harm_and_says_already(enforcer, cloud, plan):
    enforcer("apply", plan, env=cloud.env)
    sent = len(cloud.puts())
    outcome = enforcer("apply", plan, env=cloud.env)

    assert outcome.code == 0, outcome
    assert len(cloud.puts()) == sent
    assert f"{sent} already as the saved plan wants" in outcome.out


def test_what_moved_is_skipped_and_the_rest_is_done(enforcer, cloud, plan):
    ended, turned, *rest = [change["task_id"] for change in changes(plan)]
    cloud.edit(ended, status="SUCCESS")
    cloud.edit(turned, resume_mode=changes(plan)[1]["desired"])
    outcome = enforcer("apply", plan, env=cloud.env)

    assert outcome.code == 3, outcome
    assert set(modes_sent(cloud)) == set(rest)
    report = enforcer.report()
    assert states(report) == dict.fromkeys(rest, "verified") | {ended: "skipped"}
    assert adds_up(report)


def test_with_fail_nothing_is_sent_if_something_moved(enforcer, cloud, plan):
    cloud.edit(changes(plan)[0]["task_id"], status="SUCCESS")
    outcome = enforcer("apply", plan, "--on-moved", "fail", env=cloud.env)

    assert outcome.code == 4, outcome
    assert cloud.puts() == []
    assert "1 of the plan's changes" in outcome.out


def test_an_override_that_appeared_is_honoured(enforcer, cloud, plan):
    held = next(change["task_id"] for change in changes(plan) if change["desired"] == "auto")
    line = ("override", "add", held, "--mode", "manual", "--for", "1h", "--reason", "source CPU at 95 %")
    added = enforcer(*line, env=cloud.env)
    assert added.code == 0, added
    outcome = enforcer("apply", plan, env=cloud.env)

    assert outcome.code == 3, outcome
    assert "overrides have changed" in outcome.err
    assert held not in modes_sent(cloud)
    assert states(enforcer.report())[held] == "skipped"


def test_the_limits_of_the_plan_hold(enforcer, cloud):
    path = enforcer.folder / "plan.json"
    refused = enforcer("plan", enforcer.policy(nightly(to_auto=1)), "-o", path, env=cloud.env)
    outcome = enforcer("apply", path, env=cloud.env)

    assert (refused.code, outcome.code) == (4, 4), outcome
    assert cloud.puts() == []


@pytest.mark.parametrize("change", [lambda d: d["targets"][0]["changes"].pop(), lambda d: d.update(created="2036")])
def test_an_edited_plan_is_refused(enforcer, cloud, plan, change):
    document = json.loads(plan.read_text())
    change(document)
    plan.write_text(json.dumps(document))
    outcome = enforcer("apply", plan, env=cloud.env)

    assert outcome.code == 4, outcome
    assert "edited" in outcome.err
    assert cloud.puts() == []


def test_an_old_plan_is_refused_unless_its_age_is_accepted(enforcer, cloud, plan):
    then = datetime.now(UTC) - timedelta(hours=3)
    plan.write_text(written(replace(read(str(plan)), created=then.isoformat())), encoding="utf-8")

    refused = enforcer("apply", plan, env=cloud.env)
    assert refused.code == 4, refused
    assert "3 h 0 min old" in refused.err
    assert cloud.puts() == []
    assert enforcer("apply", plan, "--accept-age", "4h", env=cloud.env).code == 0


def test_a_plan_for_elsewhere_is_refused(enforcer, cloud, plan):
    with simulator(**(FLEET | {"seed": 4})) as other:
        for env, what, code in (
            (other.env, "the plan is for http", 64),
            (cloud.env | {"HUAWEICLOUD_SDK_PROJECT_ID": "f" * 32}, "the environment or the profile names", 4),
            (cloud.env | {"ENFORCER_REGION": "eu-west-999"}, "Leave out --region and ENFORCER_REGION", 64),
        ):
            outcome = enforcer("apply", plan, env=env)

            assert outcome.code == code, outcome
            assert what in outcome.err
        assert other.puts() == cloud.puts() == []


def test_the_plan_of_a_policy_that_has_changed_is_refused(enforcer, cloud, plan):
    enforcer.policy(nightly() + "# and more\n")
    outcome = enforcer("apply", plan, env=cloud.env)

    assert outcome.code == 4, outcome
    assert "has changed since the plan was made" in outcome.err


def test_it_needs_no_policy_at_hand(enforcer, cloud, plan):
    (enforcer.folder / "nightly.yaml").unlink()

    assert enforcer("apply", plan, env=cloud.env).code == 0
    assert drifting(cloud.tasks()) == {}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        (("apply", "nothing.json"), 65),
        (("apply", "nightly.yaml", "--yes", "--on-moved", "fail"), 64),
        (("apply", "nightly.yaml", "--yes", "--accept-age", "2h"), 64),
        (("plan", "nightly.yaml", "-o", "plan.yaml"), 64),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_asked(enforcer, cloud, line, code):
    enforcer.policy(nightly())
    outcome = enforcer(*line, env=cloud.env)

    assert outcome.code == code, outcome
    assert cloud.requests() == []
    assert "Traceback" not in outcome.err


def test_a_plan_that_cannot_be_made_ends_with_the_reason_and_saves_nothing(enforcer, cloud):
    wrong = cloud.env | {"HUAWEICLOUD_SDK_SK": "wrong"}

    outcome = enforcer("plan", enforcer.policy(nightly()), "-o", "plan.json", env=wrong)

    assert outcome.code == 77, outcome
    assert "No plan is saved" in outcome.err
    assert not (enforcer.folder / "plan.json").exists()


def test_the_command_that_is_shown_carries_it_out_on_the_same_terms(enforcer, cloud):
    policy = enforcer.policy(nightly(to_auto=1))
    terms = ("--break-glass", "the night is short", "--state-dir", "other state", "--endpoint", cloud.endpoint)

    told = enforcer("plan", policy, "-o", "plan.json", *terms, env=cloud.env)
    shown = told.err.rpartition("To make them: enforcer ")[2].splitlines()[0]
    done = enforcer(*shlex.split(shown), env=cloud.env)

    assert (told.code, done.code) == (0, 0), (told, done)
    assert drifting(cloud.tasks()) == {}
