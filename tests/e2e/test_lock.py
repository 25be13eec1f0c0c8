"""Exit code 75, and all else that keeps two runs from changing one project at once."""

import signal
import time

import pytest

from enforcer.journal.sqlite import lock
from enforcer.model.lock import StopRequest
from tests.command import finished
from tests.e2e.policies import adds_up, attempts, drifting, modes_sent, nightly, states
from tests.e2e.test_stopping import until
from tests.simulated import simulator


@pytest.fixture
def slow(enforcer):
    """A run that has sent its first changes and has many more to send, with the cloud that it works on."""
    with simulator(drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="1/s"))
        # To manual only: a task that is to go to auto is looked at first, at the same rate.
        only = [word for glob in ("dr-*", "*-wan-*", "cache-*") for word in ("--only", glob)]
        with enforcer.started("apply", policy, "--yes", *only, env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 2)
            yield process, cloud, policy


def holder(enforcer):
    (found,) = enforcer("lock", "--format", "json").json()
    return found


def test_the_second_run_ends_at_once_and_names_the_first(enforcer, slow):
    first, cloud, policy = slow
    outcome = enforcer("apply", policy, "--yes", env=cloud.env)

    assert outcome.code == 75, outcome
    (run,) = enforcer.runs()
    for named in (run["run_id"], "enforcer apply", str(first.pid), "--lock-timeout"):
        assert named in outcome.err
    assert outcome.out == ""
    held = holder(enforcer)
    assert held["held"]
    assert (held["endpoint"], held["project_id"]) == (cloud.endpoint, cloud.project_id)
    assert (held["holder"]["run_id"], held["holder"]["pid"]) == (run["run_id"], first.pid)
    assert enforcer("plan", policy, env=cloud.env).code == 0, "reading needs no lock"


def test_the_second_run_waits_if_it_is_told_to_and_does_what_is_left(enforcer, slow):
    first, cloud, policy = slow
    waiting = ("apply", policy, "--yes", "--lock-timeout", "30s", "--rate", "200/s")
    with enforcer.started(*waiting, env=cloud.env) as second:
        line = second.stderr.readline().decode()
        assert line.startswith("Waiting up to 30 s: run "), line
        first.send_signal(signal.SIGTERM)
        assert finished(first).code == 143
        assert finished(second).code == 0

    of_the_second, of_the_first = (attempts(enforcer.journalled(run["run_id"])) for run in enforcer.runs())
    assert of_the_first >= 2
    assert of_the_second >= 1
    assert of_the_first + of_the_second == len(cloud.puts())
    assert len(modes_sent(cloud)) == len(cloud.puts()), "no task was sent twice"
    assert drifting(cloud.tasks()) == {}
    assert not holder(enforcer)["held"]


def test_it_does_not_wait_for_ever(enforcer, slow):
    _, cloud, policy = slow
    outcome = enforcer("apply", policy, "--yes", env=cloud.env | {"ENFORCER_LOCK_TIMEOUT": "1s"})

    assert outcome.code == 75, outcome
    assert "did not end within 1 s" in outcome.err


def test_a_run_that_waits_can_be_interrupted(enforcer, slow):
    _, cloud, policy = slow
    with enforcer.started("apply", policy, "--yes", "--lock-timeout", "1h", env=cloud.env) as second:
        assert second.stderr.readline().startswith(b"Waiting up to 3600 s")
        second.send_signal(signal.SIGTERM)
        outcome = finished(second)

    assert outcome.code == 143, outcome
    assert [run["exit_code"] for run in enforcer.runs()] == [143, None]


def test_a_killed_run_holds_nothing(enforcer, slow):
    first, cloud, policy = slow
    first.kill()
    finished(first)
    outcome = enforcer("apply", policy, "--yes", "--rate", "200/s", env=cloud.env)

    assert outcome.code == 0, outcome
    assert drifting(cloud.tasks()) == {}


def test_a_run_whose_lock_file_is_removed_stops_and_says_so(enforcer, slow):
    first, cloud, _ = slow
    wrong = len(drifting(cloud.tasks())) + len(cloud.puts())
    (path,) = (enforcer.state / lock.FOLDER).glob("*.lock")
    path.unlink()
    outcome = finished(first)

    assert outcome.code == 74, outcome
    assert len(cloud.puts()) < wrong
    report = enforcer.report()
    assert report["exit"] == {"code": 74, "name": "io"}
    assert report == enforcer.journalled()
    assert str(path) in report["notices"][0]["message"]
    assert "not_attempted" in states(report).values()
    assert adds_up(report)


def test_a_run_that_is_asked_to_stop_drains_and_names_who_asked(enforcer, slow):
    first, cloud, _ = slow
    request = StopRequest(who="kim on db1", why="INC-7: hands off", at=time.time())
    asked = lock.request_stop(enforcer.state, cloud.endpoint, cloud.project_id, request)
    outcome = finished(first)

    assert asked.holder.pid == first.pid
    assert outcome.code == 5, outcome
    report = enforcer.report()
    assert report["notices"][0]["message"] == "kim on db1 asked for a stop: INC-7: hands off"
    assert set(states(report).values()) == {"acked", "not_attempted"}
    assert adds_up(report)


def test_before_the_first_run_there_are_no_locks(enforcer):
    assert enforcer("lock", "--format", "json").json() == []
    assert enforcer("lock").out == "No run has taken a lock yet.\n"
    assert not enforcer.state.exists()
