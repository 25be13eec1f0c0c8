"""Signals from the first instant of the process to its last: what they end, how soon, and what is left behind."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.command import finished
from tests.e2e.policies import adds_up, drifting, nightly, states
from tests.e2e.terminal import on_terminal
from tests.e2e.test_stopping import SOON_S, never_answered, until
from tests.simulated import simulator

# Stands for a slow disk: the first import that the command makes by itself does not come back.
SLOW = """
import pathlib, sys, time

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "click":
            pathlib.Path(__file__).with_name("asked").touch()
            time.sleep(60)

sys.meta_path.insert(0, Slow())
"""


@pytest.fixture
def starting(enforcer, tmp_path):
    """Yield the command while it is still importing what it needs."""
    site = tmp_path / "site"
    site.mkdir()
    (site / "sitecustomize.py").write_text(SLOW, encoding="utf-8")
    with enforcer.started("plan", "policy.yaml", env={"PYTHONPATH": str(site)}) as process:
        until((site / "asked").exists)
        yield process


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["SIGINT", "SIGTERM"])
def test_a_signal_during_the_imports_ends_the_command_without_a_trace(starting, number, code):
    starting.send_signal(number)
    outcome = finished(starting)

    assert outcome.code == code, outcome
    assert outcome.out + outcome.err == ""


def test_a_signal_ends_a_command_that_is_no_run(enforcer):
    with enforcer.started("runs", "import-emergency", stdin=subprocess.PIPE) as process:
        until(lambda: is_reading(process.pid))
        process.send_signal(signal.SIGTERM)
        outcome = finished(process)

    assert outcome.code == 143, outcome
    assert outcome.err == "interrupted: nothing more is done\n"


def is_reading(pid):
    """Whether the process waits for its standard input: the call read, of descriptor 0."""
    return Path(f"/proc/{pid}/syscall").read_text(encoding="ascii").startswith("0 0x0 ")


def test_a_drain_has_an_end_after_which_what_is_in_flight_is_unknown(enforcer):
    with never_answered(enforcer, "--drain", "1s") as (process, server):
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        outcome = finished(process)

    assert outcome.code == 143, outcome
    assert 0.9 < time.monotonic() - began < SOON_S
    report = enforcer.report()
    assert report == enforcer.journalled()
    unknown = {task_id for task_id, state in states(report).items() if state == "unknown"}
    assert unknown == {put.task_id for put in server.puts}
    assert adds_up(report)


def test_a_terminal_that_goes_away_means_nothing_to_a_run_without_one(enforcer):
    with simulator(drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="20/s"))
        with enforcer.started("apply", policy, "--yes", env=cloud.env, start_new_session=True) as process:
            until(lambda: len(cloud.puts()) >= 2)
            process.send_signal(signal.SIGHUP)
            outcome = finished(process)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}


def test_a_terminal_that_goes_away_ends_the_run_on_it_like_sigterm(enforcer):
    with simulator(drift=1.0, latency="300ms") as cloud:
        policy = enforcer.policy(nightly(rate="2/s"))
        # To manual only: a task that is to go to auto is looked at first, at the same rate.
        only = [word for glob in ("dr-*", "*-wan-*", "cache-*") for word in ("--only", glob)]
        with on_terminal(enforcer, "apply", policy, "--yes", *only, env=cloud.env) as terminal:
            terminal.until(lambda: len(cloud.puts()) >= 2)
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, terminal.descriptor)
            os.close(nowhere)
            assert terminal.process.wait(30) == 143

        report = enforcer.report()
        assert report == enforcer.journalled()
        assert report["exit"] == {"code": 143, "name": "interrupted"}
        assert set(states(report).values()) == {"acked", "not_attempted"}
        assert adds_up(report)


def test_under_nohup_the_run_goes_on(enforcer):
    with simulator(drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="20/s"))
        line = ["nohup", *enforcer.line("apply", policy, "--yes")]
        with enforcer.started(args=line, env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 2)
            process.send_signal(signal.SIGHUP)
            outcome = finished(process)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
