"""Exit code 74: a disk that is full, read-only or not one's own, before the first request and after the last."""

import json
import os
import subprocess
from contextlib import contextmanager

import pytest

from tests.command import finished
from tests.e2e.policies import adds_up, attempts, drifting, nightly, states
from tests.e2e.test_stopping import until
from tests.simulated import simulator

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk")


@contextmanager
def disk(folder, size="64m"):
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", folder], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


def fill(folder):
    """Take all the room there is."""
    with (folder / "filler").open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


@pytest.fixture
def cloud():
    with simulator(drift=1.0) as cloud:
        yield cloud


@AS_ROOT
@pytest.mark.parametrize("size", ["64k", "16m"])
def test_a_full_disk_is_found_before_the_first_request(enforcer, cloud, size):
    with disk(enforcer.state, size):
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

    assert outcome.code == 74, outcome
    assert "nearly full" in outcome.err
    assert cloud.requests() == []


@AS_ROOT
def test_a_read_only_disk_is_found_before_the_first_request(enforcer, cloud):
    with disk(enforcer.state):
        subprocess.run(["mount", "-o", "remount,ro", enforcer.state], check=True)
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

    assert outcome.code == 74, outcome
    assert "read-only" in outcome.err
    assert cloud.requests() == []


def test_a_directory_that_others_may_write_to_is_refused_with_the_way_out(enforcer, cloud):
    enforcer.state.mkdir()
    enforcer.state.chmod(0o777)
    policy = enforcer.policy(nightly())
    outcome = enforcer("apply", policy, "--yes", env=cloud.env)

    assert outcome.code == 74, outcome
    assert f"chmod go-w {enforcer.state}" in outcome.err
    assert cloud.requests() == []
    below = enforcer.state / "enforcer"
    assert enforcer("apply", policy, "--yes", "--state-dir", below, env=cloud.env).code == 0


@AS_ROOT
def test_a_disk_that_fills_up_stops_the_run_and_loses_nothing(enforcer, cloud):
    wrong = drifting(cloud.tasks())
    with disk(enforcer.state):
        policy = enforcer.policy(nightly(rate="10/s"))
        with enforcer.started("apply", policy, "--yes", "--format", "json", env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 3)
            fill(enforcer.state)
            outcome = finished(process)

        assert outcome.code == 74, outcome
        assert len(cloud.puts()) < len(wrong)
        assert emergency(outcome) == []
        report = enforcer.journalled()
        assert report == outcome.json()
        assert report["exit"] == {"code": 74, "name": "io"}
        assert adds_up(report)
        assert attempts(report) >= len(cloud.puts())
        taken = {put["path"].rpartition("/")[2] for put in cloud.puts()}
        assert {task_id for task_id, state in states(report).items() if state == "acked"} == taken


@AS_ROOT
def test_what_a_full_disk_cannot_take_any_more_comes_back_from_stderr(enforcer, cloud):
    with disk(enforcer.state):
        policy = enforcer.policy(nightly(rate="10/s"))
        line = ["apply", policy, "--yes", "--format", "json", "--report-dir", "reports"]
        with enforcer.started(*line, env=cloud.env) as process:
            until(lambda: len(cloud.puts()) >= 3)
            (enforcer.state / "ballast").unlink()
            fill(enforcer.state)
            outcome = finished(process)

        assert outcome.code == 74, outcome
        assert "import-emergency" in outcome.err
        assert emergency(outcome)
        assert enforcer.journalled()["exit"]["code"] is None
        (enforcer.state / "filler").unlink()
        (enforcer.folder / "stderr.txt").write_bytes(outcome.err_bytes)
        report = outcome.json()
        assert json.loads((enforcer.folder / "reports" / "report.json").read_bytes()) == report
        assert "not all of it is on record" in report["notices"][0]["message"]
        taken = enforcer("runs", "import-emergency", "stderr.txt")

        assert taken.code == 0, taken
        recorded = enforcer.journalled()
        assert recorded | {key: report[key] for key in ("notices", "trend")} == report
        assert "cannot be written" in recorded["notices"][0]["message"]
        assert adds_up(report)
        again = enforcer("runs", "import-emergency", "stderr.txt")
        assert again.code == 0, again
        assert "0 events added" in again.out
        assert enforcer.journalled() == recorded


def emergency(outcome):
    return [line for line in outcome.log if line.get("schema") == "enforcer.event/1"]


def test_reports_that_cannot_be_written_are_an_error_but_the_run_is_on_record(enforcer, cloud):
    (enforcer.folder / "reports").touch()
    outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--report-dir", "reports/x", env=cloud.env)

    assert outcome.code == 74, outcome
    assert "changed and read back" in outcome.out, "the report is shown all the same"
    assert "--report-dir" in outcome.err
    assert enforcer.journalled()["exit"]["code"] == 0
