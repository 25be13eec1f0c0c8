"""Exit codes 2, 4 and 64: there is drift, a guard says no, or the flags are wrong. Nothing is ever sent."""

import re

import pytest

from tests.e2e.policies import adds_up, drifting, nightly, target
from tests.simulated import simulator


def test_drift_has_its_own_exit_code_if_asked_for(enforcer):
    policy = enforcer.policy(nightly())
    with simulator(drift=0.2) as drifted, simulator(drift=0) as clean:
        assert enforcer("plan", policy, env=drifted.env).code == 0
        assert enforcer("plan", policy, "--detailed-exitcode", env=drifted.env).code == 2
        assert enforcer("plan", policy, "--detailed-exitcode", env=clean.env).code == 0


def test_a_run_that_would_change_too_many_is_refused_before_the_first_put(enforcer):
    with simulator(drift=0.5) as cloud:
        to_auto = sum(mode == "auto" for mode in drifting(cloud.tasks()).values())
        policy = enforcer.policy(nightly(to_auto=to_auto - 1))
        applied = enforcer("apply", policy, "--yes", env=cloud.env)
        planned = enforcer("plan", policy, "--detailed-exitcode", env=cloud.env)

        assert (applied.code, planned.code) == (4, 4)
        assert cloud.puts() == []
        report = enforcer.report()
        assert report["totals"]["not_attempted"] == report["totals"]["planned"] > 0
        assert adds_up(report)
        assert f"{to_auto} > {to_auto - 1}" in report["notices"][0]["message"]


def test_exactly_as_many_as_the_limit_are_not_too_many(enforcer):
    with simulator(drift=0.5) as cloud:
        to_auto = sum(mode == "auto" for mode in drifting(cloud.tasks()).values())

        assert enforcer("apply", enforcer.policy(nightly(to_auto=to_auto)), "--yes", env=cloud.env).code == 0


def test_a_limit_that_is_not_written_is_a_limit(enforcer):
    without = re.sub(r"  to_auto: \{.*?\}\n", "", nightly(), flags=re.DOTALL)
    with simulator(drift=1.0, tasks=120) as cloud:
        assert sum(mode == "auto" for mode in drifting(cloud.tasks()).values()) > 10

        assert enforcer("apply", enforcer.policy(without), "--yes", env=cloud.env).code == 4
        assert cloud.puts() == []


def test_only_can_make_a_part_of_it_small_enough(enforcer):
    with simulator(drift=0.5) as cloud:
        policy = enforcer.policy(nightly(to_auto=0))

        assert enforcer("apply", policy, "--yes", env=cloud.env).code == 4
        assert enforcer("apply", policy, "--yes", "--only", "cache-*", env=cloud.env).code == 0
        assert {put["body"] for put in cloud.puts()} == {'{"resume_mode":"manual"}'}


def test_without_a_terminal_an_apply_wants_to_be_told_yes(enforcer):
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), env=cloud.env)

        assert outcome.code == 64, outcome
        assert "--yes" in outcome.err
        assert cloud.requests() == []


@pytest.mark.parametrize(
    "flags",
    [
        ("--no-such-flag",),
        ("--only", "re:("),
        ("--only", ""),
        ("--rate", "fast"),
        ("--rate", "0/s"),
        ("--concurrency", "0"),
        ("--deadline", "soon"),
        ("--format", "yaml"),
        ("--log-level", "loud"),
        ("--target", "nowhere"),
        ("a second policy",),
    ],
    ids=" ".join,
)
def test_wrong_flags_are_usage_errors_and_nothing_is_asked(enforcer, flags):
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly()), *flags, env=cloud.env)

        assert outcome.code == 64, outcome
        assert outcome.out == ""
        assert "Traceback" not in outcome.err
        assert cloud.requests() == []


@pytest.mark.parametrize(
    "line", [("no-such-command",), ("plan",), ("apply", "--yes"), ("runs", "report", "no-such-run")], ids=" ".join
)
def test_wrong_commands_are_usage_errors(enforcer, line):
    outcome = enforcer(*line)

    assert outcome.code == 64, outcome
    assert outcome.out == ""
    assert "Traceback" not in outcome.err


def test_an_unknown_target_is_answered_with_the_near_miss(enforcer):
    with simulator() as cloud:
        policy = enforcer.policy(nightly(targets=f"targets:\n{target('prod-eu', cloud)}"))
        outcome = enforcer("plan", policy, "--target", "prod-uk", env=cloud.env)

        assert outcome.code == 64, outcome
        assert "prod-eu" in outcome.err
        assert cloud.requests() == []


def test_flags_for_one_target_do_not_fit_several(enforcer):
    with simulator() as cloud:
        policy = enforcer.policy(nightly(targets=f"targets:\n{target('a', cloud)}{target('b', cloud)}"))
        env = {"HUAWEICLOUD_SDK_AK": cloud.ak, "HUAWEICLOUD_SDK_SK": cloud.sk}

        assert enforcer("plan", policy, "--project-id", cloud.project_id, env=env).code == 64
        assert cloud.requests() == []


def test_help_and_version_are_no_errors(enforcer):
    assert enforcer("--version").code == 0
    for line in (("--help",), ("-h",), ("plan", "--help"), ("runs", "--help"), ("runs", "report", "--help")):
        outcome = enforcer(*line)
        assert outcome.code == 0
        assert outcome.out
        assert outcome.err == ""
