"""A run that was killed is explained by the next one, which reads and does not repeat."""

import shlex
import signal
import time

from tests.command import finished
from tests.e2e.policies import adds_up, drifting, nightly, states
from tests.e2e.test_stopping import until
from tests.simulated import simulator

SETTLE_S = 1
"""For so long after an attempt the mode before proves nothing, so the tests let it pass."""


def killed_in_the_middle(enforcer, cloud, policy) -> str:
    """Run until some changes are sent, kill it, and return the run's id."""
    with enforcer.started("apply", policy, "--yes", env=cloud.env) as process:
        until(lambda: len(cloud.puts()) >= 6)
        process.send_signal(signal.SIGKILL)
        assert finished(process).code == -signal.SIGKILL
    return str(enforcer.runs()[0]["run_id"])


def test_the_next_run_marks_the_dead_one_and_settles_it_by_reading(enforcer):
    with simulator(drift=1.0, latency="200ms") as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly(rate="10/s"))
        apply = ("apply", policy, "--yes", "--only", "no-such-task")
        dead = killed_in_the_middle(enforcer, cloud, policy)
        assert enforcer.runs()[0]["exit_name"] == "unfinished"
        time.sleep(SETTLE_S)
        sent = {put["path"].rpartition("/")[2] for put in cloud.puts()}

        outcome = enforcer(*apply, "--settle", f"{SETTLE_S}s", env=cloud.env)

        assert outcome.code == 0, outcome
        assert {put["path"].rpartition("/")[2] for put in cloud.puts()} == sent, "nothing is sent to find out"
        assert [run["exit_name"] for run in enforcer.runs()] == ["ok", "interrupted"]
        settled = enforcer.journalled(dead)
        assert adds_up(settled)
        now = {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}
        became = states(settled)
        assert {task_id for task_id, state in became.items() if state == "verified"} == {
            task_id for task_id in sent if now[task_id] == wrong[task_id]
        }
        assert {state for task_id, state in became.items() if task_id not in sent} <= {"not_attempted", "failed"}
        assert "unknown" not in became.values()
        assert dead in outcome.out, "what was found is said"
        recovered = [line for line in outcome.log if line["event"] == "run.recovered"]
        assert [(line["earlier_run"], line["verified"]) for line in recovered] == [
            (dead, list(became.values()).count("verified"))
        ]

        again = enforcer(*apply, env=cloud.env)
        assert dead not in again.out


def test_a_resumed_run_sends_only_what_was_not_attempted(enforcer):
    with simulator(drift=1.0, latency="200ms") as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly(rate="10/s"))
        dead = killed_in_the_middle(enforcer, cloud, policy)
        time.sleep(SETTLE_S)
        before = {put["path"] for put in cloud.puts()}
        meddled = next(
            task_id for task_id, state in states(enforcer.journalled(dead)).items() if state == "not_attempted"
        )
        cloud.edit(meddled, resume_mode=wrong[meddled])

        outcome = enforcer("runs", "resume", dead[-6:], "--yes", "--rate", "200/s", "--settle", "1s", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        sent = [put["path"] for put in cloud.puts()[len(before) :]]
        assert before.isdisjoint(sent), "what was sent is not sent again"
        assert meddled not in {path.rpartition("/")[2] for path in sent}
        report = enforcer.report()
        assert (report["command"], report["parent_run"]) == ("runs resume", dead)
        assert adds_up(report)


def test_a_run_is_undone_but_for_what_was_changed_since_and_the_undo_is_undone(enforcer):
    with simulator(drift=0.2) as cloud:
        policy = enforcer.policy(nightly())
        before = modes(cloud)
        assert enforcer("apply", policy, "--yes", env=cloud.env).code == 0
        applied = enforcer.report()
        moved = applied["targets"][0]["tasks"][0]
        cloud.edit(moved["task_id"], resume_mode=moved["before"])
        sent = len(cloud.puts())

        outcome = enforcer("runs", "undo", applied["run_id"], "--yes", env=credentials_only(cloud))

        assert outcome.code == 0, outcome
        assert modes(cloud) == before
        assert len(cloud.puts()) - sent == applied["totals"]["planned"] - 1
        report = enforcer.report()
        assert (report["command"], report["parent_run"]) == ("runs undo", applied["run_id"])
        assert [(each["task_id"], each["reason"][:11]) for each in report["targets"][0]["withheld"]] == [
            (moved["task_id"], "moved since")
        ]
        assert adds_up(report)
        assert "enforcer override add" in outcome.out, "tonight's apply would revert it, and that is said"

        back = enforcer("runs", "undo", report["run_id"], "--yes", env=cloud.env)
        assert back.code == 0, back
        assert set(drifting(cloud.tasks())) == {moved["task_id"]}

        shown = enforcer("runs", "show", applied["run_id"], "--format", "json").json()
        assert [child["command"] for child in shown["children"]] == ["runs undo"]
        assert [step["what_for"] for step in shown["next"]] == ["The whole report"], "it was undone already"
        assert report["run_id"] in enforcer("runs", "show", applied["run_id"]).out
        undo = [step["command"] for step in enforcer("runs", "show", "last", "--format", "json").json()["next"]]
        assert f"enforcer runs undo {enforcer.report()['run_id']}" in undo

        (hint, *_) = [line for line in outcome.out.splitlines() if "enforcer override add" in line]
        kept = enforcer(*shlex.split(hint.partition("enforcer")[2]), env=cloud.env)
        assert kept.code == 0, "as it is printed"


def test_an_undo_stays_within_the_limits_and_asks(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly())
        assert enforcer("apply", policy, "--yes", env=cloud.env).code == 0
        run = enforcer.report()["run_id"]
        sent = len(cloud.puts())
        enforcer.policy(nightly(to_auto=1))

        assert enforcer("runs", "undo", run, env=cloud.env).code == 64
        refused = enforcer("runs", "undo", run, "--yes", env=cloud.env)

        assert refused.code == 4, refused
        assert len(cloud.puts()) == sent

        policy.unlink()
        forgotten = enforcer("runs", "undo", run, "--yes", env=cloud.env)
        assert forgotten.code == 65, forgotten
        assert "--policy" in forgotten.err
        elsewhere = enforcer("runs", "undo", run, "--yes", "--endpoint", "http://127.0.0.1:1", env=cloud.env)
        assert elsewhere.code in {64, 65}, elsewhere
        other = enforcer.policy(nightly(), name="other.yaml")
        done = enforcer("runs", "undo", run, "--yes", "--policy", other, env=cloud.env)
        assert done.code == 0, done


def modes(cloud):
    return {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}


def credentials_only(cloud):
    """Return an environment without an address: the run remembers it."""
    return {name: value for name, value in cloud.env.items() if "ENDPOINT" not in name and "REGION" not in name}
