"""A run on uvloop does what one on Python's own loop does, from the first request to the drain."""

import signal

import pytest

from tests.command import finished
from tests.e2e.policies import adds_up, drifting, nightly, states
from tests.e2e.test_stopping import until
from tests.simulated import simulator

ON_UVLOOP = {"ENFORCER_EVENT_LOOP": "uvloop"}


def test_an_apply_on_uvloop_makes_it_right_and_reads_it_back(enforcer):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env | ON_UVLOOP)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert len(cloud.puts()) == len(wrong)
    assert states(enforcer.report()) == dict.fromkeys(wrong, "verified")


def test_a_signal_on_uvloop_lets_what_is_in_flight_finish(enforcer):
    with simulator(drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="20/s"))
        with enforcer.started("apply", policy, "--yes", env=cloud.env | ON_UVLOOP) as process:
            until(lambda: len(cloud.puts()) >= 3)
            process.send_signal(signal.SIGTERM)
            outcome = finished(process)

        assert outcome.code == 143, outcome
        sent = {put["path"].rpartition("/")[2] for put in cloud.puts()}
    report = enforcer.report()
    assert {task_id for task_id, state in states(report).items() if state == "acked"} == sent
    assert adds_up(report)


@pytest.mark.parametrize("command", [("plan",), ("apply", "--yes")], ids=["plan", "apply"])
def test_a_loop_that_there_is_not_is_refused_before_anything_is_sent(enforcer, command):
    with simulator(drift=0.2) as cloud:
        outcome = enforcer(*command, enforcer.policy(nightly()), env=cloud.env | {"ENFORCER_EVENT_LOOP": "trio"})

        assert outcome.code == 78, outcome
        assert cloud.requests() == []
    assert "ENFORCER_EVENT_LOOP is 'trio': expected asyncio or uvloop" in outcome.err
    assert "Traceback" not in outcome.err
