"""What earlier runs say: two of them compared, one task's past, the trend below a list of runs."""

import re
import sqlite3
from contextlib import closing

from tests.e2e.policies import drifting, nightly
from tests.e2e.terminal import on_terminal
from tests.simulated import simulator


def test_what_a_second_night_finds_and_one_task_s_past(enforcer):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly())
        for _ in range(2):
            assert enforcer("apply", policy, "--yes", env=cloud.env).code == 0
        second, first = (row["run_id"] for row in enforcer.runs())

        found = enforcer("runs", "diff", "--format", "json").json()
        assert (found["earlier"]["run_id"], found["later"]["run_id"]) == (first, second)
        assert {task["task_id"] for task in found["fixed"]} == set(wrong)
        assert found["newly_drifting"] == found["drifting_again"] == found["newly_failing"] == []
        assert f"Fixed: {len(wrong)}" in enforcer("runs", "diff", first, second).out
        backwards = enforcer("runs", "diff", second, first, "--format", "json").json()
        assert {task["task_id"] for task in backwards["newly_drifting"]} == set(wrong)

        task = next(iter(wrong))
        [episode] = enforcer("history", task[:12], "--format", "json").json()
        assert (episode["task_id"], episode["run_id"], episode["state"]) == (task, first, "verified")
        assert f"{first}  apply" in enforcer("history", task).out

        with on_terminal(enforcer, "runs", "list", env={}) as terminal:
            assert terminal.finished().code == 0
        assert re.search(rf"drift +█▁ +0 to {len(wrong)}, last 0", terminal.shown), terminal.shown
        assert "█" not in enforcer("runs", "list").out, "a pipe gets the table alone"


def test_there_is_nothing_to_compare_before_the_second_night(enforcer):
    for arguments in (("runs", "diff"), ("history", "abc"), ("runs", "diff", "a", "b", "c")):
        outcome = enforcer(*arguments)

        assert outcome.code == 64
        assert outcome.err.startswith("error: ")
        assert "Traceback" not in outcome.err


def test_what_a_policy_keeps_no_longer_goes_at_the_end_of_its_next_apply(enforcer):
    with simulator(drift=0) as cloud:
        policy = enforcer.policy(nightly() + "history: {keep: 7d}\n")
        for _ in range(6):
            assert enforcer("apply", policy, "--yes", env=cloud.env).code == 0
        first = enforcer.runs()[-1]["run_id"]
        with closing(sqlite3.connect(enforcer.state / "journal.db")) as journal, journal:
            journal.execute("UPDATE run SET started_at = started_at - 8 * 86400 WHERE run_id = ?", (first,))
        assert (enforcer.state / "runs" / first / "report.html").exists()

        outcome = enforcer("apply", policy, "--yes", env=cloud.env)

    assert outcome.code == 0
    assert [(line["runs"], line["keep_days"]) for line in outcome.log if line["event"] == "history.pruned"] == [(1, 7)]
    assert first not in {row["run_id"] for row in enforcer.runs()}
    assert not (enforcer.state / "runs" / first).exists()
    assert "history.pruned" in enforcer("runs", "export", enforcer.runs()[0]["run_id"]).out
