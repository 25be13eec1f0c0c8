"""On a terminal: a progress display, a question before anything is changed, Ctrl-C, colours."""

import re
import subprocess

from tests.e2e.policies import adds_up, drifting, nightly, states
from tests.e2e.terminal import on_terminal
from tests.simulated import simulator

COLOUR = re.compile(rb"\x1b\[(?:\d+;)*(?:3[0-7]|38|9[0-7])[;\dm]")
ASKED = r"\[y/N\]"


def test_progress_is_shown_while_it_works_and_put_away_at_the_end(enforcer):
    with simulator(drift=1.0) as cloud:
        wrong = len(drifting(cloud.tasks()))
        policy = enforcer.policy(nightly(rate="20/s"))
        with on_terminal(enforcer, "apply", policy, "--yes", env=cloud.env) as terminal:
            outcome = terminal.finished()

        assert outcome.code == 0, terminal.shown
        done = {int(number) for number in re.findall(rf"(\d+)/{wrong}\b", terminal.ever_shown)}
        assert len(done & set(range(1, wrong))) >= 3, "it moves"
        assert not re.search(rf"\d+/{wrong}\b", terminal.shown), "it is put away"
        assert "report.html" in terminal.shown.replace("\n", ""), "a long path is wrapped"
        assert not [line for line in terminal.shown.splitlines() if line.startswith("{")], "no JSON lines for people"


def test_what_the_command_says_itself_is_not_said_by_the_log_too(enforcer):
    with simulator() as cloud:
        policy = enforcer.policy(nightly())
        with on_terminal(enforcer, "apply", policy, "--yes", "--notify", "always", env=cloud.env) as terminal:
            assert terminal.finished().code == 0, terminal.shown

    assert terminal.shown.count("ENFORCER_NOTIFY_URLS is not set") == 1, terminal.shown
    assert "notification.failed" not in terminal.ever_shown


def test_the_display_says_speed_failures_and_the_time_that_is_left(enforcer):
    with simulator(drift=1.0) as cloud:
        policy = enforcer.policy(nightly(rate="10/s"))
        with on_terminal(enforcer, "apply", policy, "--yes", env=cloud.env) as terminal:
            terminal.until_shown(r"━.* \d+/\d+ .*\d+\.\d/s of 10/s  (wave \d of \d  )?0 failed  about 0:\d\d left")
            assert terminal.finished().code == 0


def test_a_narrow_terminal_has_one_line_without_a_bar_at_any_size(enforcer):
    with simulator(drift=1.0) as cloud:
        wrong = len(drifting(cloud.tasks()))
        policy = enforcer.policy(nightly(rate="8/s"))
        with on_terminal(enforcer, "apply", policy, "--yes", env=cloud.env, columns=44) as terminal:
            terminal.until_shown(rf"\b(?:[2-9]|[1-3]\d)/{wrong} +\d\.\d/s of 8/s")
            assert "━" not in terminal.ever_shown
            assert max(len(re.findall(rf"\d+/{wrong}\b", shown)) for shown in terminal.seen) == 1
            terminal.resize(120)
            terminal.until_shown("━")
            terminal.resize(30)
            terminal.until(lambda: "━" not in terminal.shown)
            outcome = terminal.finished()

    assert outcome.code == 0, terminal.shown
    assert not re.search(rf"\d+/{wrong}\b", terminal.shown), "it is put away"


def test_yes_at_the_prompt_applies_what_was_shown(enforcer):
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        with on_terminal(enforcer, "apply", enforcer.policy(nightly()), env=cloud.env) as terminal:
            terminal.until_shown(ASKED)
            assert cloud.puts() == []
            assert [task_id for task_id in wrong if task_id[:8] not in terminal.ever_shown] == []
            terminal.type("y\n")
            outcome = terminal.finished()

        assert outcome.code == 0, terminal.shown
        assert drifting(cloud.tasks()) == {}


def test_any_other_answer_changes_nothing_and_is_on_record(enforcer):
    policy = enforcer.policy(nightly())
    with simulator(drift=0.2) as cloud:
        wrong = drifting(cloud.tasks())
        for answer in ("\n", "n\n", "yessir\n", "\x04"):
            with on_terminal(enforcer, "apply", policy, env=cloud.env) as terminal:
                terminal.until_shown(ASKED)
                terminal.type(answer)
                outcome = terminal.finished()

            assert outcome.code == 4, (answer, terminal.shown)
            assert terminal.shown.count("in sync") == 1, "the plan is not shown again"
            assert "Declined. Nothing was sent." in terminal.shown
            assert enforcer.report()["exit"]["code"] == 4
            assert states(enforcer.report()) == dict.fromkeys(wrong, "not_attempted")
        assert cloud.puts() == []


def test_ctrl_c_at_the_prompt_sends_nothing(enforcer):
    with simulator(drift=0.2) as cloud:
        with on_terminal(enforcer, "apply", enforcer.policy(nightly()), env=cloud.env) as terminal:
            terminal.until_shown(ASKED)
            terminal.type("\x03")
            outcome = terminal.finished()

        assert outcome.code == 130, terminal.shown
        assert "Declined" not in terminal.shown, "nobody said no"
        assert cloud.puts() == []
        assert enforcer.report()["exit"]["code"] == 130
        assert adds_up(enforcer.report())
        assert "Traceback" not in terminal.ever_shown


def test_ctrl_c_during_the_work_drains(enforcer):
    with simulator(drift=1.0, latency="200ms") as cloud:
        wrong = drifting(cloud.tasks())
        policy = enforcer.policy(nightly(rate="10/s"))
        with on_terminal(enforcer, "apply", policy, "--yes", env=cloud.env) as terminal:
            terminal.until(lambda: len(cloud.puts()) >= 4)
            terminal.type("\x03")
            outcome = terminal.finished()

        assert outcome.code == 130, terminal.shown
        assert {put["status"] for put in cloud.puts()} == {200}
        report = enforcer.report()
        assert report["totals"]["acked"] == len(cloud.puts()) < len(wrong)
        assert adds_up(report)


def test_a_wave_that_is_watched_counts_down(enforcer):
    with simulator(drift=0.9, seed=3) as cloud:
        policy = enforcer.policy(nightly(rollout="{waves: [1, 100%], bake: 3s, poll: 1s}"))
        with on_terminal(enforcer, "apply", policy, "--yes", env=cloud.env) as terminal:
            terminal.until_shown("wave 1 of 2: watching 0:0")
            terminal.until_shown("wave 2 of 2: watching 0:0")
            outcome = terminal.finished()

        assert outcome.code == 0, terminal.shown


def test_the_deadline_does_not_wait_for_an_answer(enforcer):
    with simulator(drift=0.2) as cloud:
        policy = enforcer.policy(nightly())
        with on_terminal(enforcer, "apply", policy, "--deadline", "1s", env=cloud.env) as terminal:
            terminal.until_shown(ASKED)
            outcome = terminal.finished()

        assert outcome.code == 5, terminal.shown
        assert cloud.puts() == []


def test_nothing_to_do_is_not_asked_about(enforcer):
    with simulator(drift=0) as cloud:
        with on_terminal(enforcer, "apply", enforcer.policy(nightly()), env=cloud.env) as terminal:
            outcome = terminal.finished()

        assert outcome.code == 0, terminal.shown
        assert "[y/N]" not in terminal.ever_shown


def test_results_can_be_piped_while_a_person_answers(enforcer):
    with simulator(drift=0.2) as cloud:
        line = ("apply", enforcer.policy(nightly()), "--format", "json", "--log-format", "json", "--log-level", "debug")
        with on_terminal(enforcer, *line, env=cloud.env, stdout=subprocess.PIPE) as terminal:
            terminal.until_shown(ASKED)
            terminal.type("yes\n")
            outcome = terminal.finished()

        assert outcome.code == 0, terminal.shown
        assert outcome.json() == enforcer.report()
        assert '"event":' in terminal.ever_shown


def test_colours_are_for_those_who_want_them(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly())
        raw = {}
        for name, flags, more in (
            ("usual", (), {}),
            ("NO_COLOR", (), {"NO_COLOR": "1"}),
            ("--no-color", ("--no-color",), {}),
        ):
            line = ("plan", policy, "--log-level", "debug", *flags)
            with on_terminal(enforcer, *line, env=cloud.env | more) as terminal:
                assert terminal.finished().code == 0
            raw[name] = bytes(terminal.raw)

    assert {name for name, written in raw.items() if COLOUR.search(written)} == {"usual"}


def test_a_terminal_that_cannot_redraw_gets_no_control_character(enforcer):
    with simulator(drift=0.2) as cloud:
        policy = enforcer.policy(nightly())
        with on_terminal(enforcer, "apply", policy, "--yes", env=cloud.env | {"TERM": "dumb"}) as terminal:
            outcome = terminal.finished()

    assert outcome.code == 0, terminal.shown
    assert b"\x1b" not in terminal.raw


def test_hostile_names_cannot_touch_the_terminal(enforcer):
    with simulator(drift=0.2, hostile=True) as cloud:
        policy = enforcer.policy(nightly())
        line = ("plan", policy, "--log-level", "debug", "--no-color")
        with on_terminal(enforcer, *line, env=cloud.env | {"TERM": "dumb"}) as terminal:
            assert terminal.finished().code == 3

    assert b"\x1b" not in terminal.raw
    assert b"\x07" not in terminal.raw
    assert "\u202e" not in terminal.raw.decode()
