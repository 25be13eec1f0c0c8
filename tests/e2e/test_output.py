"""What the command prints: a reader that goes away, no colours, names that attack a terminal."""

import os
import re
import subprocess
import sys
import unicodedata

import msgspec
import pytest

from enforcer.reports import FORMATS
from tests.command import Outcome, finished
from tests.e2e.policies import drifting, nightly
from tests.simulated import simulator


def test_a_reader_that_goes_away_ends_the_output_and_nothing_else(enforcer):
    with simulator(tasks=600, drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="unlimited"))
        line = ("apply", policy, "--yes", "--format", "json", "--log-file", "log.jsonl")
        with enforcer.started(*line, env=cloud.env) as process:
            assert process.stdout.read(1) == b"{", "more follows than a pipe can hold"
            process.stdout.close()
            process.stdout = None
            outcome = finished(process)

        assert outcome.code == 0, outcome
        assert "Traceback" not in outcome.err
        assert drifting(cloud.tasks()) == {}
        assert enforcer.report() == enforcer.journalled()


def test_a_reader_that_was_never_there_makes_no_difference(enforcer):
    with simulator(drift=0.5) as cloud:
        to_auto = enforcer.policy(nightly(to_auto=0))
        with enforcer.started("apply", to_auto, "--yes", env=cloud.env) as process:
            process.stdout.close()
            process.stdout = None
            outcome = finished(process)

    assert outcome.code == 4, outcome
    assert "Traceback" not in outcome.err
    assert enforcer.report()["exit"]["code"] == 4


@pytest.mark.parametrize(
    "line", [("--help",), ("--version",), ("plan", "--help"), ("help", "apply"), ("schema",)], ids=" ".join
)
def test_help_that_nobody_reads_ends_quietly(enforcer, line):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nowhere:
        done = subprocess.run(
            enforcer.line(*line),
            env=enforcer.environment({}),
            stdout=nowhere,
            stderr=subprocess.PIPE,
            check=False,
            timeout=60,
        )

    assert (done.returncode, done.stderr) == (0, b"")


@pytest.mark.parametrize(("line", "code"), [(("plan",), 64), (("nosuch",), 64), (("check", "nothing.yaml"), 65)])
def test_a_complaint_that_nobody_reads_ends_as_it_does_with_readers(enforcer, line, code):
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as nowhere:
        done = subprocess.run(
            enforcer.line(*line), env=enforcer.environment({}), stderr=nowhere, check=False, timeout=60
        )

    assert done.returncode == code


@pytest.mark.parametrize("number", ["EPIPE", "EIO", "ENOSPC"])
def test_an_error_of_the_system_that_is_not_of_the_output_is_never_taken_for_success(number):
    code = f"""
import errno, os, sys
from enforcer.cli.lookups import checking
from enforcer.cli.main import main
def check(*_):
    raise OSError(errno.{number}, os.strerror(errno.{number}))
checking.check = check
sys.exit(main(["check", "policy.yaml"]))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)

    assert done.returncode == 70, done
    assert "this is a bug in enforcer" in done.stderr


@pytest.mark.parametrize("closing", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_closed_streams_change_neither_the_run_nor_its_exit_code(enforcer, closing):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly(to_auto=0))
        refused, done = (
            in_shell(enforcer, f'"$@" {closing}', "apply", policy, "--yes", *more, env=cloud.env)
            for more in ((), ("--only", "cache-*"))
        )

        assert (refused.code, done.code) == (4, 0), (refused, done)
        assert not caches(cloud) & set(drifting(cloud.tasks()))
    assert "Traceback" not in refused.err + done.err
    assert enforcer.report()["exit"]["code"] == 0


def test_a_full_disk_behind_stdout_does_not_hide_how_the_run_ended(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly(to_auto=0))
        outcome = in_shell(enforcer, '"$@" >/dev/full', "apply", policy, "--yes", env=cloud.env)

    assert outcome.code == 4, outcome
    assert "Traceback" not in outcome.err


@pytest.mark.parametrize(
    "line", [("schema",), ("override", "export"), ("runs", "list"), ("plan", "--help")], ids=" ".join
)
def test_what_a_full_disk_swallowed_is_not_called_done(enforcer, line):
    outcome = in_shell(enforcer, '"$@" >/dev/full', *line, env={})

    assert outcome.code == 74, outcome
    assert "the output is not complete, it could not be written: No space left on device" in outcome.err
    assert "Traceback" not in outcome.err


def test_without_a_terminal_the_command_to_look_first_says_all_flags_again(enforcer):
    policy = enforcer.policy(nightly())
    flags = ("--only", "a b", "--rate", "3/s", "--state-dir", "elsewhere")
    outcome = enforcer("apply", policy, *flags, env={})

    assert outcome.code == 64, outcome
    assert f"look first: enforcer plan {policy} --only 'a b' --rate 3/s --state-dir elsewhere" in outcome.err


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "utf-8"])
def test_a_terminal_of_any_encoding_gets_the_report(enforcer, encoding):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        env = cloud.env | {"PYTHONIOENCODING": encoding}
        outcome = enforcer("plan", enforcer.policy(nightly()), env=env)

    assert outcome.code == 0
    shown = outcome.out_bytes.decode(encoding)
    assert [task_id for task_id in wrong if task_id[:8] not in shown] == []


@pytest.mark.parametrize("flags", [("--no-color",), ()], ids=["--no-color", "NO_COLOR"])
@pytest.mark.parametrize("form", ["console", "json"])
def test_what_is_no_terminal_gets_no_escape_sequences(enforcer, flags, form):
    with simulator(drift=0.2) as cloud:
        env = cloud.env | ({} if flags else {"NO_COLOR": "1"}) | {"FORCE_COLOR": "", "TERM": "xterm-256color"}
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--log-format", form, *flags, env=env)

    assert outcome.code == 0, outcome
    assert b"\x1b" not in outcome.out_bytes + outcome.err_bytes


@pytest.mark.parametrize("form", FORMATS)
def test_hostile_names_are_shown_and_do_nothing(enforcer, form):
    with simulator(drift=0.2, hostile=True) as cloud:
        for task in cloud.tasks()[:3]:
            cloud.edit(
                task["task_id"], task_name="pay-\x9b31m\u2028\u200b\ue000\U000e0041<b>|`x`", resume_mode="manual"
            )
        policy = enforcer.policy(nightly())
        line = ("--format", form, "--log-level", "debug")
        planned = enforcer("plan", policy, *line, env=cloud.env)
        applied = enforcer("apply", policy, "--yes", *line, env=cloud.env)

    assert {planned.code, applied.code} == {3}
    # rebuilt from the journal in every format, so the names in it are met again
    again = enforcer("runs", "report", enforcer.report()["run_id"], "--format", form)
    for outcome in (planned, applied, again):
        assert acting(outcome.out) == set()
        assert acting(outcome.err) == set()
    folder = enforcer.state / "runs" / enforcer.report()["run_id"]
    assert acting((folder / "report.md").read_text()) == set()
    assert acting((folder / "report.html").read_text()) == set()
    assert acting((folder / "report.json").read_text()) == set()
    names = {task["task_name"] for task in enforcer.report()["targets"][0]["tasks"]}
    assert "pay-\x1b[2J\x1b[31mred" in names, "the data itself stays whole"


def test_a_hostile_name_can_open_no_line_of_its_own(enforcer):
    with simulator(hostile=True) as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly()), "--log-format", "console", env=cloud.env)

    lines = (outcome.out + outcome.err).splitlines()
    assert not [line for line in lines if line.startswith("2026-01-01 INFO all good")]


def test_results_go_to_stdout_and_everything_else_to_stderr(enforcer):
    with simulator(drift=0.2) as cloud:
        policy = enforcer.policy(nightly())
        outcome = enforcer("apply", policy, "--yes", "--format", "json", "--log-level", "debug", env=cloud.env)

    assert outcome.json()["schema"] == "enforcer.report/1"
    assert len(outcome.log) == len(outcome.err.splitlines()) > 10


def test_levels_choose_how_much_is_logged(enforcer):
    with simulator(drift=0.2) as cloud:
        policy = enforcer.policy(nightly())
        levels = {
            level: {line["level"] for line in enforcer("plan", policy, "--log-level", level, env=cloud.env).log}
            for level in ("debug", "info", "error")
        }

    assert levels == {"debug": {"debug", "info"}, "info": {"info"}, "error": set()}


def test_the_table_of_runs_is_one_line_each_whatever_the_policy_is_called(enforcer):
    with simulator() as cloud:
        policy = enforcer.policy(nightly().replace("name: nightly", 'name: "n\\u001b[31m\\n\\u202eght"'))
        checked = enforcer("check", policy)
        outcome = enforcer("apply", policy, "--yes", env=cloud.env)
        if outcome.code == 65:  # the loader may refuse such a name outright
            assert acting(checked.err) == set()
            return
    listed = enforcer("runs", "list")

    assert acting(checked.out) == acting(listed.out) == set()
    assert len(listed.out.splitlines()) == 2


def test_the_json_of_a_report_is_one_document(enforcer):
    with simulator(hostile=True) as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly()), "--format", "json", env=cloud.env)

    assert msgspec.json.decode(outcome.out_bytes)["totals"]["listed"] == 90
    assert re.fullmatch(r"\{.*\}\n", outcome.out, re.DOTALL)


def in_shell(enforcer, script, *arguments, env):
    """Run the command by a shell that redirects its streams."""
    done = subprocess.run(
        ["sh", "-c", script, "sh", *enforcer.line(*arguments)],
        env=enforcer.environment(env),
        cwd=enforcer.folder,
        capture_output=True,
        check=False,
        timeout=60,
    )
    return Outcome(code=done.returncode, out_bytes=done.stdout, err_bytes=done.stderr)


def caches(cloud):
    return {task["task_id"] for task in cloud.tasks() if task["task_name"].startswith("cache-")}


def acting(text):
    """Return the characters of *text* that control, reorder or hide; a line's end is none of them."""
    return {
        char for char in text if char != "\n" and unicodedata.category(char) in {"Cc", "Cf", "Zl", "Zp", "Co", "Cs"}
    }


def test_without_a_terminal_the_log_says_every_few_seconds_how_far_it_is(enforcer):
    with simulator(drift=1.0) as cloud:
        wrong = len(drifting(cloud.tasks()))
        outcome = enforcer("apply", enforcer.policy(nightly(rate=f"{wrong // 8}/s")), "--yes", env=cloud.env)

    assert outcome.code == 0, outcome
    # However long it takes to begin: there are eight seconds of sending, and a line every five.
    said = [line for line in outcome.log if line["event"] == "progress" and 0 < line["done"] < wrong]
    assert said
    run_id = enforcer.runs()[0]["run_id"]
    assert {(line["run_id"], line["target"], line["total"], line["failed"]) for line in said} == {
        (run_id, "sim-region-1", wrong, 0)
    }
    assert said[0]["left_s"] > 0
    assert [line["event"] for line in outcome.log][-1] == "run.finished"
    assert "progress" not in enforcer("runs", "export", run_id).out, "it is no event"
