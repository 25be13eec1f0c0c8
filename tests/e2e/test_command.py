"""What the other tests take for the command does what the installed command does."""

import subprocess

import pytest


@pytest.mark.parametrize(
    "line",
    [("--version",), ("--help",), ("plan", "missing.yaml"), ("no-such-command",), ("lock", "--format", "json")],
    ids=" ".join,
)
def test_a_copy_and_the_installed_command_come_to_the_same(enforcer, line):
    copy, installed = enforcer(*line), enforcer.installed(*line)

    assert (copy.code, copy.out, copy.err) == (installed.code, installed.out, installed.err)


def test_a_copy_that_takes_too_long_is_killed(enforcer):
    with pytest.raises(subprocess.TimeoutExpired):
        enforcer("simulator", "--port", "0", timeout_s=1)
