"""The systemd units: sound, hardened, in agreement with the command; and what the service starts really runs."""

import os
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from enforcer.errors import ExitCode
from tests.command import installed
from tests.e2e.policies import drifting, nightly
from tests.simulated import simulator

DEPLOY = Path(__file__).parents[2] / "deploy"
FOLDER = DEPLOY / "systemd"
UNITS = sorted(FOLDER.iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
COMMAND = "/opt/enforcer/bin/enforcer"
MOST_EXPOSED = 15
"""Tenths of the score of `systemd-analyze security`; a service without any hardening has 96."""

needs_systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")


def unit(name):
    """Return the sections of a unit, and of each key all values, as a key may come several times."""
    sections: dict[str, dict[str, list[str]]] = {}
    for line in (FOLDER / name).read_text().splitlines():
        if line.startswith("["):
            section = sections.setdefault(line.strip("[]"), {})
        elif line and not line.startswith("#"):
            key, _, value = line.partition("=")
            section.setdefault(key, []).append(value)
    return sections


@pytest.fixture
def units_of_here(tmp_path):
    """The units as they would be with the command installed where they look for it."""
    command = tmp_path / "enforcer"
    command.write_text("#!/bin/sh\n")
    command.chmod(0o755)
    for path in UNITS:
        name = path.name.replace("@.", "@enforcer.service.")
        (tmp_path / name).write_text(path.read_text().replace(COMMAND, str(command)))
    return [tmp_path / path.name.replace("@.", "@enforcer.service.") for path in UNITS]


def analyze(*arguments):
    return subprocess.run(["systemd-analyze", *arguments], capture_output=True, text=True, timeout=60, check=False)


@needs_systemd
def test_systemd_takes_the_units_without_a_word(units_of_here):
    found = analyze("verify", "--recursive-errors=no", *units_of_here)

    assert (found.returncode, found.stdout, found.stderr) == (0, "", "")


@needs_systemd
@pytest.mark.parametrize("number", range(len(SERVICES)), ids=[path.name for path in SERVICES])
def test_the_services_are_hardened(units_of_here, number):
    service = [path for path in units_of_here if path.suffix == ".service"][number]

    found = analyze("security", "--offline=true", "--no-pager", f"--threshold={MOST_EXPOSED}", service)

    assert found.returncode == 0, found.stdout


@needs_systemd
def test_the_timer_names_times_that_come():
    (when,) = unit("enforcer.timer")["Timer"]["OnCalendar"]

    assert analyze("calendar", when).returncode == 0


def test_what_systemd_cannot_know_of_the_service():
    service = unit("enforcer.service")["Service"]

    assert service["Type"] == ["oneshot"]
    assert "Restart" not in service
    assert "SuccessExitStatus" not in service
    assert service["StateDirectoryMode"] == ["0700"]
    assert "TimeoutStartSec" in service
    (stop_s,) = service["TimeoutStopSec"]
    assert int(stop_s) > 30
    assert {each.partition(":")[0] for each in service["LoadCredential"]} == {"ak", "sk"}
    assert not [key for key in service if key == "Environment"]


@pytest.fixture
def by_hand(tmp_path):
    """What a person's command comes to, given to a systemd-run that only tells its words and carries it out."""
    fake = tmp_path / "bin" / "systemd-run"
    fake.parent.mkdir()
    fake.write_text("""#!/bin/sh
printf '%s\\n' "$@" > "$WORDS"
while [ "$1" != -- ]; do shift; done
shift 2
exec "$COMMAND" "$@"
""")
    fake.chmod(0o755)

    def call(*arguments):
        environ = {"PATH": f"{fake.parent}:{os.defpath}", "SUDO_USER": "kim", "HOME": str(tmp_path)}
        environ |= {"WORDS": str(tmp_path / "words"), "COMMAND": installed()}
        done = subprocess.run(
            [DEPLOY / "host" / "enforcer", *arguments],
            env=environ,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        return done, (tmp_path / "words").read_text().splitlines()

    return call


def test_a_person_s_command_runs_as_the_service_does(by_hand):
    done, words = by_hand("runs", "report", "a run")

    service = unit("enforcer.service")["Service"]
    shared = "User", "DynamicUser", "StateDirectory", "StateDirectoryMode", "UMask", "EnvironmentFile", "LoadCredential"
    options, command = words[: words.index("--")], words[words.index("--") + 1 :]
    assert [word.removeprefix("--property=") for word in options if word.startswith("--property=")] == [
        f"{key}={value}" for key in shared for value in service[key]
    ]
    assert command == [service["ExecStart"][0].split()[0], "runs", "report", "a run"]
    assert "--setenv=LOGNAME=kim" in options
    assert done.returncode == ExitCode.USAGE, "the exit code is the command's own"
    assert "no run 'a run'" in done.stderr


def test_systemd_puts_no_variables_into_a_person_s_words(by_hand):
    _, words = by_hand("override", "add", "$HOME", "pay-${X}-*", "a$$", "", "--reason=two\nlines")

    command = words[words.index("--") + 2 :]
    assert command == ["override", "add", "$$HOME", "pay-$${X}-*", "a$$$$", "", "--reason=two", "lines"]


@pytest.mark.skipif(not shutil.which("systemd-run"), reason="systemd-run is not installed")
def test_systemd_run_has_the_options_of_a_person_s_command(by_hand):
    _, words = by_hand("--version")

    told = subprocess.run(["systemd-run", "--help"], capture_output=True, text=True, timeout=60, check=False).stdout
    assert [
        word for word in words[: words.index("--")] if not re.search(rf"{re.escape(word.partition('=')[0])}\b", told)
    ] == []


@pytest.mark.skipif(not shutil.which("systemctl"), reason="systemctl is not installed")
def test_what_the_documents_say_of_the_timer_can_be_done(tmp_path):
    said = {
        (verb, name)
        for page in (DEPLOY.parent / "docs").glob("*.md")
        for verb, name in re.findall(
            r"systemctl (enable|disable|mask|unmask)\s+(?:--now\s+)?([\w.@-]+)", page.read_text(encoding="utf-8")
        )
    }
    system = tmp_path / "etc" / "systemd" / "system"
    system.mkdir(parents=True)
    for path in UNITS:
        shutil.copy(path, system)

    assert said >= {("enable", "enforcer.timer"), ("disable", "enforcer.timer")}
    for verb, name in sorted(said, reverse=True):
        done = subprocess.run(
            ["systemctl", f"--root={tmp_path}", verb, name], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, (verb, name, done.stderr)


def test_the_failure_unit_shares_the_state_and_has_no_network():
    told, works = unit("enforcer-failed@.service")["Service"], unit("enforcer.service")["Service"]

    assert unit("enforcer.service")["Unit"]["OnFailure"] == ["enforcer-failed@%n.service"]
    assert [told[key] for key in ("User", "DynamicUser", "StateDirectory")] == [
        works[key] for key in ("User", "DynamicUser", "StateDirectory")
    ]
    assert told["PrivateNetwork"] == ["yes"]
    assert "LoadCredential" not in told


def started(line, environ, folder):
    """Start what an ExecStart line says, in the environment that systemd would give it."""
    words = shlex.split(line)
    policy = str(folder / "policy.yaml")
    words = [
        installed() if word == COMMAND else policy if word == "/etc/enforcer/policy.yaml" else word for word in words
    ]
    whole = {"PATH": os.defpath, "HOME": "/", "STATE_DIRECTORY": str(folder / "state"), **environ}
    return subprocess.run(words, env=whole, cwd="/", capture_output=True, text=True, timeout=60, check=False)


def test_what_the_units_start_works_on_a_credentials_and_a_state_directory(tmp_path):
    (tmp_path / "policy.yaml").write_text(nightly())
    credentials = tmp_path / "credentials"
    credentials.mkdir(mode=0o700)
    # As systemd makes it for a dynamic user (systemd.exec(5)).
    directory = tmp_path / "private" / "state"
    directory.parent.mkdir(mode=0o755)
    directory.mkdir(mode=0o700)
    (tmp_path / "state").symlink_to("private/state")
    with simulator(drift=0.2) as cloud:
        for name, value in (("ak", cloud.ak), ("sk", cloud.sk)):
            (credentials / name).write_text(value + "\n")
            (credentials / name).chmod(0o400)
        # What stands in the environment file.
        environ = cloud.env_of_place | {"HUAWEICLOUD_SDK_PROJECT_ID": cloud.project_id}
        (start,) = unit("enforcer.service")["Service"]["ExecStart"]
        ended = started(start, environ | {"CREDENTIALS_DIRECTORY": str(credentials)}, tmp_path)

        assert ended.returncode == ExitCode.OK, ended.stderr
        assert drifting(cloud.tasks()) == {}
        (run_id,) = [path.name for path in (directory / "runs").iterdir()]
        assert not [secret for secret in cloud.secrets if secret in ended.stdout + ended.stderr]

    _, listing = unit("enforcer-failed@.service")["Service"]["ExecStart"]
    told = started(listing, {}, tmp_path)

    assert told.returncode == ExitCode.OK, told.stderr
    assert re.search(rf"{run_id} .* 0 ok", told.stdout)
