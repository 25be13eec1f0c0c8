"""What a command does not use, it does not import: counted in modules, since a time says little."""

import subprocess
import sys

import pytest

from tests.simulated import simulator

NETWORK = {"aiohttp", "asyncio", "ssl"}
RECORDS = {"enforcer.model.event", "enforcer.run.enforce", "enforcer.core.fold.summary"}
SCREEN = {"structlog", "rich.console", "rich.progress"}
POLICY = {"yaml", "re2", "enforcer.model.policy"}
LIBRARIES = {"msgspec", "yaml", "jinja2", "sqlite3"}
REPORTS = {"jinja2", "enforcer.reports.html", "enforcer.simulator.serve", "huaweicloudsdkcore"}


def imported(*arguments: str, env: dict[str, str] | None = None) -> set[str]:
    """Return the modules that the command has imported when it has ended well."""
    code = (
        "import sys\n"
        "from enforcer.cli.main import main\n"
        "code = main(sys.argv[1:])\n"
        "print('\\n'.join(['', *sys.modules]))\n"
        "sys.exit(code)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, env=env, check=False, timeout=100
    )
    assert done.returncode == 0, done.stderr
    return set(done.stdout.splitlines())


def test_the_list_of_commands_imports_none_of_them():
    modules = imported("--help")
    assert not [name for name in modules if name.startswith("enforcer.cli.commands.")]
    assert not modules & (LIBRARIES | {"enforcer.model.limits"})


@pytest.mark.parametrize("command", ["", "plan", "apply", "check", "incident", "runs"])
def test_help_imports_neither_network_nor_records_nor_policy(command):
    modules = imported(*command.split(), "--help")
    assert not modules & (NETWORK | RECORDS | SCREEN | POLICY | REPORTS)


def test_check_imports_nothing_that_only_a_run_needs():
    modules = imported("check", "policies/nightly.yaml")
    assert modules >= POLICY
    assert not modules & (NETWORK | RECORDS | SCREEN | REPORTS)


def test_an_apply_with_nothing_to_do_imports_no_other_credentials_and_no_simulator(tmp_path):
    policy = tmp_path / "all.yaml"
    policy.write_text("version: 1\nname: all\nrules: []\ndefault: leave\n", encoding="utf-8")
    with simulator(tasks=5) as cloud:
        env = {"HOME": str(tmp_path), "ENFORCER_STATE_DIR": str(tmp_path / "state"), **cloud.env}
        modules = imported("apply", str(policy), "--yes", env=env)
    assert "aiohttp" in modules
    others = {"enforcer.simulator.serve", "enforcer.cli.overrides.incidents", "huaweicloudsdkcore", "aiohttp.web"}
    others |= {"enforcer.cli.terminal.live", "rich.progress"}
    assert not modules & others
