"""`--shard I/N`: several runs carry out one policy, each its own targets, under guards that see all of them."""

import signal

import pytest

from tests.command import finished
from tests.e2e.policies import adds_up, drifting, modes_sent, nightly, target
from tests.e2e.test_stopping import until
from tests.e2e.test_targets import keys, nothing_listens
from tests.simulated import simulator

TO_MANUAL = [word for glob in ("dr-*", "*-wan-*", "cache-*") for word in ("--only", glob)]
"""A task that is to go to auto is looked at first, at the same rate."""


@pytest.fixture
def two_targets(enforcer):
    with simulator(seed=1, drift=1.0) as east, simulator(seed=1, drift=1.0) as west:
        entries = target("east", east) + target("west", west)
        yield east, west, enforcer.policy(nightly(targets=f"targets:\n{entries}"))


def targets_of(report):
    return {each["name"]: each for each in report["targets"]}


def test_shards_work_at_once_each_on_its_own_targets_and_can_be_finished_one_by_one(enforcer, two_targets):
    east, west, policy = two_targets
    wrong = len(drifting(west.tasks()))
    first_half = ("apply", policy, "--yes", *TO_MANUAL, "--shard", "0/2", "--rate", "2/s")
    with enforcer.started(*first_half, env=keys(east)) as first:
        until(lambda: len(east.puts()) >= 2)
        second = enforcer("apply", policy, "--yes", "--shard", "1/2", env=keys(east))
        assert second.code == 0, second
        assert first.poll() is None, "neither lock nor recovery of the second met the first"
        first.send_signal(signal.SIGTERM)
        stopped = finished(first)
    assert stopped.code == 143, stopped

    late, early = enforcer.runs()
    of_the_second, of_the_first = (enforcer.journalled(run["run_id"]) for run in (late, early))
    assert (of_the_first["shard"], of_the_second["shard"]) == ("0/2", "1/2")
    assert early["exit_code"] == 143
    assert [notice["exit_code"] for notice in of_the_first["notices"]] == [143], "and nobody called it dead"
    assert targets_of(of_the_first)["west"]["totals"]["planned"] == 0
    assert targets_of(of_the_second)["west"]["totals"]["verified"] == wrong
    assert targets_of(of_the_second)["east"]["totals"]["planned"] == 0
    assert [each["rate"]["asked_per_s"] for each in of_the_second["targets"]] == [100, 100]
    assert adds_up(of_the_first)
    assert adds_up(of_the_second)

    seen = len(west.requests())
    rest = enforcer("runs", "resume", early["run_id"], "--yes", "--rate", "200/s", env=keys(east))
    assert rest.code == 0, rest
    assert drifting(west.tasks()) == {}
    assert set(modes_sent(east)) == {task["task_id"] for task in targets_of(of_the_first)["east"]["tasks"]}
    assert len(west.requests()) == seen, "the run was on one target, and so is what finishes it"
    assert enforcer.report()["targets"][0]["rate"]["asked_per_s"] == 100


def test_what_one_run_would_be_refused_every_shard_is(enforcer, two_targets):
    east, west, _ = two_targets
    entries = target("east", east) + target("west", west)
    policy = enforcer.policy(nightly(targets=f"targets:\n{entries}", to_auto=3))
    whole = enforcer("plan", policy, "--format", "json", env=keys(east))
    shards = [
        enforcer("apply", policy, "--yes", "--shard", f"{number}/2", "--format", "json", env=keys(east))
        for number in range(2)
    ]

    assert [run.code for run in (whole, *shards)] == [4, 4, 4], shards
    said = [[notice["message"] for notice in run.json()["notices"]] for run in (whole, *shards)]
    assert said[0] == said[1] == said[2]
    assert east.puts() == west.puts() == []


def test_a_shard_sends_nothing_while_another_s_target_cannot_be_listed(enforcer):
    with simulator(drift=0.2) as cloud, nothing_listens() as url:
        down = target("down", cloud).replace(cloud.endpoint, url)
        policy = enforcer.policy(nightly(targets=f"targets:\n{target('up', cloud)}{down}"))
        outcome = enforcer("apply", policy, "--yes", "--shard", "0/2", env=keys(cloud))

        assert outcome.code == 4, outcome
        assert "down could not be listed, and other shards may change tasks there" in outcome.out
        assert cloud.puts() == []


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--shard", "2/2"), "expected I from 0 to 1"),
        (("--shard", "0/3"), "2 targets cannot be divided by 3"),
        (("--shard", "0/2", "--concurrency", "1"), "limits.concurrency 1 cannot be divided by 2"),
        (("--shard", "0/2", "--allow-partial"), "exclude each other"),
    ],
)
def test_what_cannot_be_divided_is_a_usage_error(enforcer, flags, said):
    entries = "".join(
        f"  - name: {name}\n    endpoint: https://{name}.example\n    project_id: {'0' * 32}\n" for name in ("a", "b")
    )
    env = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK"}
    outcome = enforcer("plan", enforcer.policy(nightly(targets=f"targets:\n{entries}")), *flags, env=env)

    assert outcome.code == 64, outcome
    assert said in outcome.err


def test_a_saved_plan_is_whole_and_each_shard_applies_its_part(enforcer, two_targets):
    east, west, policy = two_targets
    refused = enforcer("plan", policy, "--shard", "0/2", "-o", "plan.json", env=keys(east))
    assert refused.code == 64, refused
    assert enforcer("plan", policy, "-o", "plan.json", env=keys(east)).code == 0

    first = enforcer("apply", "plan.json", "--shard", "0/2", env=keys(east))
    assert first.code == 0, first
    assert drifting(east.tasks()) == {}
    assert west.puts() == []
    second = enforcer("apply", "plan.json", "--shard", "1/2", env=keys(east))
    assert second.code == 0, second
    assert drifting(west.tasks()) == {}
