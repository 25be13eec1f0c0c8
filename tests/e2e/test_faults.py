"""A service that is slow, busy, flaky or forgetful: the job converges, and the report says how it went."""

from tests.e2e.policies import adds_up, attempts, drifting, nightly, states
from tests.simulated import simulator

WATCHED_BY_NOBODY = "{waves: [100%], bake: 0s, gate: {max_full_sync: unlimited}}"


def test_a_gateway_that_says_slow_down_is_heeded(enforcer):
    with simulator(drift=1.0, tasks=48, limit="20/s") as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly(rate="50/s")), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        throttled = [request for request in cloud.requests() if request["status"] == 429]
        report = enforcer.report()
        assert len(throttled) > 0
        assert report["targets"][0]["requests"]["throttled"] == len(throttled)
        assert report["totals"]["verified"] == len(wrong)


def test_failures_that_pass_are_tried_again_until_all_is_right(enforcer):
    with simulator(drift=1.0, fail="20%", seed=3) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        puts = cloud.puts()
        assert len(puts) > len(wrong)
        report = enforcer.report()
        assert attempts(report) == report["targets"][0]["requests"]["put"] == len(puts)
        assert report["targets"][0]["requests"]["retries"] == len(puts) - len(wrong)
        assert set(states(report).values()) == {"verified"}


def test_a_mode_that_the_list_leaves_out_is_looked_up_where_it_matters(enforcer):
    with simulator(drift=0.2, missing_mode="40%") as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert set(states(enforcer.report())) == set(wrong)
        requests = enforcer.report()["targets"][0]["requests"]
        assert 0 < requests["show"] < 60
        assert sum(requests[call] for call in ("list", "show", "put")) == len(cloud.requests())


def test_tasks_that_vanish_are_gone_and_no_failure(enforcer):
    with simulator(tasks=150, drift=0.9, vanish=2) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly(concurrency=1)), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        became = states(enforcer.report())
        gone = {task_id for task_id, state in became.items() if state == "gone"}
        assert gone == set(wrong) - {task["task_id"] for task in cloud.tasks()}
        assert len(gone) == 2
        assert drifting(cloud.tasks()) == {}
        assert adds_up(enforcer.report())


def test_a_full_synchronisation_after_the_switch_is_still_the_wanted_mode(enforcer):
    with simulator(drift=0.5, full_sync_share=1.0, full_sync_for="60s") as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly(rollout=WATCHED_BY_NOBODY)), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert set(states(enforcer.report()).values()) == {"verified"}


def test_never_more_requests_are_in_flight_than_asked_for(enforcer):
    with simulator(drift=1.0, latency="50ms") as cloud:
        outcome = enforcer(
            "apply", enforcer.policy(nightly(concurrency=16)), "--yes", "--concurrency", "3", env=cloud.env
        )

        assert outcome.code == 0, outcome
        assert cloud.peak_in_flight == 3


def test_two_runs_at_once_do_not_spoil_each_other_s_record(enforcer):
    with simulator(seed=1, drift=0.5) as east, simulator(seed=2, drift=0.5) as west:
        policy = enforcer.policy(nightly(rate="20/s"))
        with (
            enforcer.started("apply", policy, "--yes", env=east.env) as first,
            enforcer.started("apply", policy, "--yes", env=west.env) as second,
        ):
            first.communicate(timeout=60)
            second.communicate(timeout=60)

        assert (first.returncode, second.returncode) == (0, 0)
        assert drifting(east.tasks()) == drifting(west.tasks()) == {}
    assert [run["exit_code"] for run in enforcer.runs()] == [0, 0]
    assert all(adds_up(enforcer.journalled(run["run_id"])) for run in enforcer.runs())
