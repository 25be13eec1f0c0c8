"""Two hosts, each with its own home and directory, and one PostgreSQL server between them."""

import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from tests.command import Command, finished
from tests.e2e.policies import adds_up, attempts, drifting, nightly, states
from tests.e2e.test_disk import emergency
from tests.e2e.test_recovery import SETTLE_S
from tests.e2e.test_stopping import until
from tests.postgres import PASSWORD
from tests.simulated import simulator

MANUAL = [word for glob in ("dr-*", "*-wan-*", "cache-*") for word in ("--only", glob)]
"""To manual only: a task that is to go to auto is looked at first, at the same rate."""
ALONE = {"ENFORCER_STATE": ""}


@dataclass(frozen=True)
class Host(Command):
    """The command on one of several hosts."""

    shared: Mapping[str, str] = field(default_factory=dict)
    """Where the cloud is, and the state."""

    def environment(self, more=None):
        return super().environment({**self.shared, **(more or {})})


@pytest.fixture
def cloud():
    with simulator(drift=1.0) as cloud:
        yield cloud


@pytest.fixture
def hosts(tmp_path, server, cloud):
    found = []
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        found.append(Host(tmp_path / name, shared=cloud.env | {"ENFORCER_STATE": server.url()}))
        found[-1].policy(nightly())
    return found


def sending(host, cloud, *, wait_s=10):
    """A run that is about to send many changes, three a second; it waits for the server no longer than *wait_s*."""
    patience = {"ENFORCER_STATE": f"{host.shared['ENFORCER_STATE']}?connect_timeout={wait_s}"}
    line = ("apply", "nightly.yaml", "--yes", "--rate", "3/s", "--format", "json", *MANUAL)
    return host.started(*line, env=patience)


def sent(cloud):
    return {put["path"].rpartition("/")[2] for put in cloud.puts()}


def test_what_one_host_did_another_knows_honours_and_undoes(hosts, cloud, server):
    here, there = hosts
    before = {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}
    by_hand = ("--mode", "auto", "--for", "6h", "--reason", "by hand until Monday")
    assert there("override", "add", "cache-*", *by_hand).code == 0

    outcome = here("apply", "nightly.yaml", "--yes", *MANUAL)

    assert outcome.code == 0, outcome
    assert sent(cloud)
    assert not any(cloud.task(task_id)["task_name"].startswith("cache-") for task_id in sent(cloud))
    (run,) = there.runs()
    assert there.journalled() == here.report()
    spent = {row["direction"]: row["sent"] for row in there("budget", "nightly.yaml", "--format", "json").json()}
    assert spent == {"auto": 0, "manual": len(sent(cloud))}
    assert [state["held"] for state in there("lock", "--format", "json").json()] == [False]

    undone = there("runs", "undo", run["run_id"], "--yes", "--settle", "1s")

    assert undone.code == 0, undone
    assert {task["task_id"]: task["resume_mode"] for task in cloud.tasks()} == before
    assert [row["command"] for row in here.runs()] == ["runs undo", "apply"]
    assert "runs undo" in here("runs", "show", run["run_id"]).out
    (here.folder / "lines.txt").write_bytes(there("runs", "export", run["run_id"]).out_bytes)
    alone = here("runs", "import-emergency", "lines.txt", env=ALONE)
    assert alone.code == 0, alone
    assert here.journalled(env=ALONE) == there.journalled(run["run_id"])
    written = [path for host in hosts for path in host.folder.rglob("*") if path.is_file()]
    assert [path for path in written if PASSWORD.encode() in path.read_bytes()] == []


def test_of_two_hosts_the_second_is_told_who_the_first_is_and_settles_its_death(hosts, cloud):
    here, there = hosts
    wrong = drifting(cloud.tasks())
    with sending(here, cloud) as first:
        until(lambda: len(cloud.puts()) >= 2)
        (run,) = there.runs()
        busy = there("apply", "nightly.yaml", "--yes")
        first.send_signal(signal.SIGKILL)
        finished(first)

    assert busy.code == 75, busy
    for named in (run["run_id"], "enforcer apply", str(first.pid)):
        assert named in busy.err
    before = sent(cloud)
    time.sleep(SETTLE_S)

    outcome = there("apply", "nightly.yaml", "--yes", "--only", "no-such-task", "--settle", f"{SETTLE_S}s")

    assert outcome.code == 0, outcome
    assert [row["exit_name"] for row in here.runs()] == ["ok", "interrupted"]
    settled = states(here.journalled(run["run_id"]))
    now = {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}
    assert {task_id for task_id, state in settled.items() if state == "verified"} == {
        task_id for task_id in before if now[task_id] == wrong[task_id]
    }
    assert "unknown" not in settled.values()


def test_a_run_whose_lock_is_lost_sends_no_more_and_says_so(hosts, cloud, server):
    here, there = hosts
    wrong = drifting(cloud.tasks())
    with sending(here, cloud) as process:
        until(lambda: len(cloud.puts()) >= 2)
        server.execute("SELECT pg_terminate_backend(backend) FROM enforcer.project_lock")
        outcome = finished(process)

    assert outcome.code == 74, outcome
    assert len(cloud.puts()) < len(wrong)
    report = there.journalled()
    assert report == outcome.json()
    assert "was lost, so another run may have begun" in report["notices"][0]["message"]
    assert "not_attempted" in states(report).values()
    assert adds_up(report)


@pytest.mark.parametrize("fault", ["killed", "paused"])
def test_a_server_that_fails_midway_stops_the_run_and_nothing_is_lost(hosts, cloud, server, fault):
    here, there = hosts
    wrong = drifting(cloud.tasks())
    with sending(here, cloud, wait_s=5) as process:
        until(lambda: len(cloud.puts()) >= 2)
        if fault == "killed":
            server.kill()
            outcome = finished(process)
            server.start()
        else:
            with server.paused():
                outcome = finished(process)

    assert outcome.code == 74, outcome
    assert len(cloud.puts()) < len(wrong)
    assert emergency(outcome)
    assert PASSWORD not in outcome.out + outcome.err
    told = outcome.json()
    assert told == here.report()
    assert "not all of it is on record" in told["notices"][0]["message"]
    assert adds_up(told)
    assert attempts(told) >= len(cloud.puts()), "nothing was sent without its record"
    (there.folder / "stderr.txt").write_bytes(outcome.err_bytes)

    taken = there("runs", "import-emergency", "stderr.txt")

    assert taken.code == 0, taken
    assert there.journalled() | {key: told[key] for key in ("notices", "trend")} == told
    assert "0 events added" in there("runs", "import-emergency", "stderr.txt").out


def test_a_server_that_is_not_there_is_found_before_the_first_request(hosts, cloud, server):
    here, _ = hosts
    server.kill()
    try:
        applied = here("apply", "nightly.yaml", "--yes")
        looked = here("doctor", "nightly.yaml", "--format", "json")
        listed = here("runs", "list")
    finally:
        server.start()

    assert (applied.code, looked.code, listed.code) == (74, 74, 74)
    assert "postgresql://dba@127.0.0.1" in applied.err
    assert PASSWORD not in f"{applied}{looked}{listed}"
    assert [request for request in cloud.requests() if request["method"] == "PUT"] == []


def test_without_its_library_the_way_to_it_is_named(hosts):
    here, _ = hosts
    hidden = here.folder / "hidden" / "psycopg"
    hidden.mkdir(parents=True)
    (hidden / "__init__.py").write_text("raise ImportError('no psycopg here')")

    without = {"PYTHONPATH": str(hidden.parent)}
    listed = here("runs", "list", env=without)
    looked = here("doctor", "nightly.yaml", env=without)
    applied = here("apply", "nightly.yaml", "--yes", env=without)

    assert (listed.code, looked.code, applied.code) == (78, 78, 78), f"{listed}{looked}{applied}"
    assert "pip install 'enforcer[postgres]'" in listed.err
    assert "pip install 'enforcer[postgres]'" in applied.err
    assert "pip install 'enforcer[postgres]'" in looked.out


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://enforcer:secret@db.example/state", "a flag takes no password"),
        ("postgresql://db.example/state?password=secret", "a flag takes no password"),
        ("mysql://db.example/secret", "expected postgresql://"),
        ("/var/lib/secret", "expected postgresql://"),
    ],
)
def test_what_is_no_server_and_any_password_is_refused_on_the_command_line(hosts, url, reason):
    outcome = hosts[0]("runs", "list", "--state", url)

    assert outcome.code == 64, outcome
    assert reason in outcome.err
    assert "secret" not in outcome.err
