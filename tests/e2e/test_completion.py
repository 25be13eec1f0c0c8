"""What a shell is offered while a line is being typed: asked as the shells' scripts ask, and once by bash itself."""

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.command import installed
from tests.e2e.policies import nightly, target
from tests.simulated import simulator


@pytest.fixture
def offered(enforcer):
    """What is offered for the last of some words."""

    def ask(*words):
        outcome = enforcer(
            env={
                "_ENFORCER_COMPLETE": "bash_complete",
                "COMP_WORDS": " ".join(["enforcer", *map(str, words)]),
                "COMP_CWORD": str(len(words)),
            }
        )
        assert (outcome.code, outcome.err) == (0, "")
        return [line.partition(",")[2] for line in outcome.out.splitlines() if line.startswith("plain,")]

    return ask


def test_commands_and_options_are_offered(offered):
    assert "apply" in offered("a")
    assert {"list", "show", "diff", "undo"} <= set(offered("runs", ""))
    assert "--state-dir" in offered("runs", "list", "--")


def test_runs_tasks_and_targets_are_offered_from_the_journal_and_the_policy(enforcer, offered):
    with simulator(drift=0.1) as cloud:
        policy = enforcer.policy(nightly())
        assert enforcer("apply", policy, "--yes", env=cloud.env).code == 0
        places = "targets:\n" + target("prod-eu", cloud) + target("test-eu", cloud)
        two = enforcer.policy(nightly(targets=places), "two.yaml")
    [run] = enforcer.runs()
    task = enforcer.report()["targets"][0]["tasks"][0]["task_id"]

    for command in (("show",), ("report",), ("undo",), ("diff",)):
        assert offered("runs", *command, "2") == [run["run_id"]]
    assert offered("history", task[:6]) == [task]
    assert offered("apply", two, "--target", "") == ["prod-eu", "test-eu"]
    assert offered("apply", two, "--target", "p") == ["prod-eu"]
    assert offered("tasks", two, "--rule", "p") == ["payments"]


def test_overrides_in_force_are_offered(enforcer, offered):
    added = enforcer(
        "override", "add", "pay-1", "--mode", "manual", "--for", "1h", "--reason", "Source is busy", "--yes"
    )
    assert added.code == 0, added

    [override] = enforcer("override", "list", "--format", "json").json()
    assert offered("override", "end", "") == [override["id"]]
    assert offered("incident", "status", "") == [], "it is no incident"


@pytest.mark.parametrize("words", [("runs", "show", ""), ("apply", "none.yaml", "--target", ""), ("history", "a")])
def test_where_nothing_can_be_told_nothing_is_offered(enforcer, offered, words):
    assert offered(*words) == []
    enforcer.state.mkdir()
    (enforcer.state / "journal.db").write_text("This is no journal.")
    assert offered(*words) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_gets_a_script_that_it_accepts(enforcer, shell):
    outcome = enforcer("completion", shell, env={"PATH": "/usr/bin:/bin"})

    assert outcome.code == 0, outcome
    assert outcome.err == ""
    assert f"_ENFORCER_COMPLETE={shell}_complete" in outcome.out
    if shutil.which(shell):
        assert subprocess.run([shell, "-n"], input=outcome.out_bytes, check=False).returncode == 0


def test_bash_completes_with_the_script(enforcer):
    script = f"""
        export PATH={Path(installed()).parent}:/usr/bin:/bin
        eval "$(enforcer completion bash)"
        COMP_WORDS=(enforcer runs sh) COMP_CWORD=2
        _enforcer_completion enforcer sh runs
        echo "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script], capture_output=True, text=True, env=enforcer.environment(), check=False
    )

    assert done.stdout.split() == ["show"], done.stderr
