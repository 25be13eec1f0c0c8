"""``enforcer simulator`` as a process of its own: what it prints, and everything that ends it."""

import contextlib
import http.client
import signal
import socket
import subprocess
import sys

import msgspec
import pytest

PROGRAM = "from enforcer.cli.commands.simulator import command; command()"


@contextlib.contextmanager
def running(*flags, stdin=subprocess.DEVNULL):
    """The process and the line it printed."""
    arguments = [sys.executable, "-c", PROGRAM, *flags]
    with subprocess.Popen(arguments, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            yield process, msgspec.json.decode(process.stdout.readline())
        finally:
            process.kill()


def finished(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_it_says_where_it_listens_in_one_line_and_nothing_else():
    with running("--for", "100ms") as (process, line):
        assert set(line) == {
            *("endpoint", "iam_endpoint", "region", "project_id", "ak", "sk", "user", "password", "domain")
        }
        assert line["endpoint"].startswith("http://127.0.0.1:")
        assert finished(process) == (0, b"", b"")


@pytest.mark.parametrize("stopping", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_its_normal_end(stopping):
    with running() as (process, _):
        process.send_signal(stopping)

        assert finished(process) == (0, b"", b"")


def test_it_ends_with_its_standard_input_if_told_so():
    with running("--stop-with-stdin", stdin=subprocess.PIPE) as (process, _):
        process.stdin.close()
        process.stdin = None

        assert finished(process) == (0, b"", b"")


def test_the_flags_reach_the_settings_and_the_line_the_client():
    with running("--tasks", "3", "--temporary-keys") as (_, line):
        port = int(line["endpoint"].rpartition(":")[2])
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            connection.request("GET", "/_simulator/tasks", headers={"Connection": "close"})
            tasks = msgspec.json.decode(connection.getresponse().read())

        assert len(tasks) == 3
        assert line["security_token"]


def test_a_port_that_is_taken_is_named():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        arguments = [sys.executable, "-c", PROGRAM, "--port", str(port)]
        outcome = subprocess.run(arguments, capture_output=True, check=False, timeout=60)

    assert outcome.returncode != 0
    assert b"ConfigError" in outcome.stderr
    assert f"127.0.0.1:{port}".encode() in outcome.stderr


def test_help_needs_no_server():
    program = (
        "import sys\n"
        "from enforcer.cli.commands.simulator import command\n"
        "text = command.get_help(command.make_context('simulator', [], resilient_parsing=True))\n"
        "print(text)\n"
        "sys.exit('aiohttp' in sys.modules or 'asyncio' in sys.modules)\n"
    )
    outcome = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)

    assert outcome.returncode == 0
    assert b"Example: enforcer simulator" in outcome.stdout
