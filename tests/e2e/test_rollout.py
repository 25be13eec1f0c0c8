"""Waves through the installed command: what passes, what stops the rest, what is set back, what interrupts."""

import signal
import time
from collections import Counter

from tests.command import finished
from tests.e2e.policies import adds_up, drifting, modes_sent, nightly, states
from tests.simulated import simulator

WAVES = "{waves: [1, 3], bake: 2s, poll: 1s}"
REVERTING = "{waves: [1, 3], bake: 1s, poll: 1s, on_fail: revert_wave}"
FLEET = {"tasks": 60, "drift": 0.9, "seed": 3}
"""Has more than three tasks to go to auto, and some to go to manual."""


def to_auto(wrong):
    return {task_id for task_id, mode in wrong.items() if mode == "auto"}


def gates(report):
    return [wave["state"] for wave in report["waves"]]


def until(condition):
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


def test_healthy_waves_go_to_the_end(enforcer):
    with simulator(**FLEET) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly(rollout=WAVES)), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        report = enforcer.report()
        assert gates(report) == ["passed"] * 3
        assert [1, 2, len(to_auto(wrong)) - 3] == [wave["changes"] for wave in report["waves"]]
        order = [put["body"].split('"')[3] for put in cloud.puts()]
        assert order == sorted(order, reverse=True), "manual before auto"
        # Each wave was watched before the next one began.
        starts = [put["at"] for put in cloud.puts() if '"auto"' in put["body"]]
        assert starts[1] - starts[0] >= 2
        assert starts[3] - starts[2] >= 2
        assert enforcer.journalled() == report


def test_the_plan_shows_waves_and_risk_and_looks_up_no_others(enforcer):
    with simulator(**FLEET) as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly(rollout=WAVES))
        outcome = enforcer("plan", policy, env=cloud.env)

        assert outcome.code == 0, outcome
        assert f"{len(to_auto(wrong))} to auto in 3 waves" in outcome.out
        assert "wave 3" in outcome.out
        assert "risk high: " in outcome.out
        looked_up = [request["path"].rpartition("/")[2] for request in cloud.requests() if "-task/" in request["path"]]
        assert Counter(to_auto(wrong)) == Counter(looked_up)
        tasks = enforcer("plan", policy, "--format", "json", env=cloud.env).json()["targets"][0]["tasks"]
        assert {task["task_id"] for task in tasks if task["wave"]} == to_auto(wrong)
        assert {task["risk"] for task in tasks if not task["wave"]} == {None}


def test_a_refused_plan_looks_nothing_up(enforcer):
    with simulator(**FLEET) as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly(to_auto=1)), env=cloud.env)

        assert outcome.code == 4, outcome
        assert [request for request in cloud.requests() if "-task/" in request["path"]] == []


def test_a_canary_that_starts_a_full_sync_stops_the_rest(enforcer):
    with simulator(**FLEET, full_sync_share=1.0) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly(rollout=WAVES)), "--yes", env=cloud.env)

        assert outcome.code == 5, outcome
        assert "the gate of wave 1 of 3 failed: moved into a full sync: 1 > 0 (gate.max_full_sync)" in outcome.out
        assert "did not begin" in outcome.out
        assert list(modes_sent(cloud).values()).count("auto") == 1
        report = enforcer.report()
        assert gates(report) == ["failed", "planned", "planned"]
        counted = Counter(states(report).values())
        assert counted == {"verified": len(wrong) - len(to_auto(wrong)) + 1, "not_attempted": len(to_auto(wrong)) - 1}
        assert adds_up(report)


def test_a_wave_that_does_harm_is_set_back(enforcer):
    with simulator(**FLEET, full_sync_share=1.0) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly(rollout=REVERTING)), "--yes", env=cloud.env)

        assert outcome.code == 5, outcome
        assert "set back to manual: the gate of wave 1 failed" in outcome.out
        report = enforcer.report()
        [canary] = [task_id for task_id, state in states(report).items() if state == "reverted"]
        assert cloud.task(canary)["resume_mode"] == "manual"
        assert ["auto", "manual"] == [put["body"].split('"')[3] for put in cloud.puts() if put["path"].endswith(canary)]
        assert report["waves"][0]["recalled"] == 1
        assert adds_up(report)
        assert enforcer.journalled() == report


def test_a_status_that_cannot_be_read_fails_the_gate(enforcer):
    with simulator(**FLEET) as cloud:
        policy = enforcer.policy(nightly(rollout="{bake: 20s, poll: 1s}"))
        with enforcer.started("apply", policy, "--yes", env=cloud.env) as process:
            until(lambda: "auto" in modes_sent(cloud).values())
            [canary] = [task_id for task_id, mode in modes_sent(cloud).items() if mode == "auto"]
            cloud.edit(canary, status=None)
            outcome = finished(process)

        assert outcome.code == 5, outcome
        assert (1, "failed") == (enforcer.report()["waves"][0]["unreadable"], gates(enforcer.report())[0])
        assert list(modes_sent(cloud).values()).count("auto") == 1


def test_ctrl_c_while_a_wave_is_watched_ends_the_run_at_once(enforcer):
    with simulator(**FLEET) as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly(rollout="{bake: 50s, poll: 20s}"))
        with enforcer.started("apply", policy, "--yes", env=cloud.env) as process:
            until(lambda: "auto" in modes_sent(cloud).values())
            began = time.monotonic()
            process.send_signal(signal.SIGINT)
            outcome = finished(process)

        assert outcome.code == 130, outcome
        assert time.monotonic() - began < 30
        report = enforcer.report()
        assert gates(report) == ["begun", "planned", "planned"]
        assert report["totals"]["not_attempted"] == len(to_auto(wrong)) - 1
        assert adds_up(report)
