"""Exit codes 5, 130 and 143, and death: what is in flight is finished, the rest is not begun, all is on record."""

import contextlib
import signal
import time

import pytest

from tests.command import finished
from tests.e2e.policies import adds_up, attempts, drifting, nightly, states
from tests.faults import actions as do
from tests.faults.course import Course
from tests.faults.proved import a_server
from tests.faults.rules import Rule
from tests.simulated import simulator

PATIENCE_S = 60
SOON_S = 12
"""Less than the 15 s after which a request gives up by itself."""


def until(condition):
    """Wait until *condition* holds."""
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.01)


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_signal_finishes_what_is_in_flight_and_begins_nothing_more(enforcer, number, code):
    with simulator(drift=1.0, latency="300ms") as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly(rate="10/s"))
        with enforcer.started("apply", policy, "--yes", "--format", "json", env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 5)
            process.send_signal(number)
            outcome = finished(process)

        assert outcome.code == code, outcome
        puts = cloud.puts()
        assert 5 <= len(puts) < len(wrong)
        assert {put["status"] for put in puts} == {200}, "each was waited for"
        report = enforcer.report()
        assert report == outcome.json() == enforcer.journalled()
        assert report["exit"] == {"code": code, "name": "interrupted"}
        assert attempts(report) == len(puts)
        sent = {put["path"].rpartition("/")[2] for put in puts}
        assert states(report) == {task_id: "acked" if task_id in sent else "not_attempted" for task_id in wrong}
        assert adds_up(report)
        assert set(drifting(cloud.tasks())) == set(wrong) - sent


def test_the_next_run_does_the_rest(enforcer):
    policy = enforcer.policy(nightly(rate="10/s"))
    with simulator(drift=1.0) as cloud:
        wrong = drifting(cloud.tasks())
        with enforcer.started("apply", policy, "--yes", env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 3)
            process.send_signal(signal.SIGTERM)
            assert finished(process).code == 143
        outcome = enforcer("apply", policy, "--yes", "--rate", "200/s", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert len(cloud.puts()) == len(wrong)


@contextlib.contextmanager
def never_answered(enforcer, *flags):
    """Yield a run whose first changes have been sent, and the server that says nothing to them."""
    with a_server(Rule(kind="put", times=None, do=do.hang())) as server:
        policy = enforcer.policy(Course(folder=enforcer.folder).policy)
        with enforcer.started("apply", policy, "--yes", *flags, env=server.env) as process:
            until(lambda: server.puts)
            yield process, server


def test_a_second_signal_does_not_wait(enforcer):
    with never_answered(enforcer) as (process, _):
        process.send_signal(signal.SIGINT)
        # Two equal signals that are pending at the same time are one.
        assert any(b"SIGINT received" in line for line in process.stderr)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        outcome = finished(process)

    assert outcome.code == 130, outcome
    assert time.monotonic() - began < SOON_S
    assert "Traceback" not in outcome.err
    assert "unknown" in states(enforcer.report()).values()


def test_what_only_reads_ends_with_the_first_signal(enforcer):
    with simulator(latency="30s") as cloud, enforcer.started("plan", enforcer.policy(nightly()), env=cloud.env) as plan:
        until(lambda: len(cloud.requests()) >= 1)
        began = time.monotonic()
        plan.send_signal(signal.SIGTERM)
        outcome = finished(plan)

        assert outcome.code == 143, outcome
        assert time.monotonic() - began < SOON_S


def test_a_plan_can_be_interrupted_too(enforcer):
    with simulator(drift=0.2, missing_mode=1.0, latency="100ms") as cloud:
        policy = enforcer.policy(nightly(rate="10/s"))
        with enforcer.started("plan", policy, env=cloud.env) as process:
            until(lambda: len(cloud.requests()) >= 3)
            process.send_signal(signal.SIGTERM)
            outcome = finished(process)

        assert outcome.code == 143, outcome
        assert cloud.puts() == []


def test_the_deadline_ends_it_and_the_rest_is_not_attempted(enforcer):
    with simulator(drift=1.0) as cloud:
        wrong = drifting(cloud.tasks())
        to_auto = sum(mode == "auto" for mode in wrong.values())
        # Each task that is to go to auto is looked up first.
        policy = enforcer.policy(nightly(rate=f"{to_auto}/s"))
        outcome = enforcer("apply", policy, "--yes", "--deadline", "2s", env=cloud.env)

        assert outcome.code == 5, outcome
        puts = cloud.puts()
        assert len(puts) < len(wrong)
        report = enforcer.report()
        assert report["exit"] == {"code": 5, "name": "aborted"}
        assert attempts(report) == len(puts)
        assert report["totals"]["not_attempted"] == len(wrong) - len(puts)
        assert adds_up(report)


def test_the_deadline_of_the_policy_counts_if_no_flag_does(enforcer):
    with simulator(drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="4/s") + "  deadline: 1s\n")

        assert enforcer("apply", policy, "--yes", env=cloud.env).code == 5


def test_a_deadline_ends_a_plan_too(enforcer):
    with simulator(missing_mode=1.0) as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly(rate="5/s")), "--deadline", "1s", env=cloud.env)

        assert outcome.code == 5, outcome


def test_after_a_sudden_death_the_journal_knows_every_request_that_left(enforcer):
    with simulator(drift=1.0, latency="300ms") as cloud:
        wrong = drifting(cloud.tasks())
        with enforcer.started("apply", enforcer.policy(nightly(rate="10/s")), "--yes", env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 8)
            process.send_signal(signal.SIGKILL)
            assert finished(process).code == -signal.SIGKILL
        report = enforcer.journalled()
        (run,) = enforcer.runs()

        assert report["exit"]["code"] is None
        assert run["exit_code"] is None
        assert adds_up(report)
        became = states(report)
        assert set(became) == set(wrong)
        sent = {put["path"].rpartition("/")[2] for put in cloud.puts()}
        begun = {task_id for task_id, state in became.items() if state != "not_attempted"}
        assert sent <= begun, "the intent is durable before the request leaves"
        assert "unknown" in became.values()
        assert {became[task_id] for task_id in begun} <= {"unknown", "acked"}

        outcome = enforcer("apply", enforcer.folder / "nightly.yaml", "--yes", "--rate", "200/s", env=cloud.env)
        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
