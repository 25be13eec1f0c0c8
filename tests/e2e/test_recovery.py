"""A run that was killed is explained by the next one, which reads and does not repeat."""

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
        policy = enforcer.policy(nightly(rate="20/s"))
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
