"""Names that are not found, are found late, or lead to an address that is dead."""

import errno
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import ExitStack

import pytest

from enforcer.dcs.network.resolver import look_up
from enforcer.model.answer import FailureKind, Reply
from enforcer.model.task import ResumeMode
from tests.wire_client import BRISK, ID, LONG_S, client_of, kind_of
from tests.wire_server import response, saying, serving

HOST = "dcs.example.invalid"
OF_STREAMS = (socket.SOCK_STREAM, socket.IPPROTO_TCP, "")


@pytest.fixture
def resolver(monkeypatch):
    """Let the name of the host be looked up by the function that it is given."""
    real = socket.getaddrinfo

    def set_to(look_up):
        def getaddrinfo(host, *args, **more):
            return look_up() if host == HOST else real(host, *args, **more)

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)

    return set_to


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (socket.gaierror(socket.EAI_NONAME, "Name or service not known"), "Name or service not known"),
        (socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution"), "Temporary failure"),
        (UnicodeError("label too long"), "no host name"),
    ],
    ids=["no such name", "resolver fails", "no name"],
)
async def test_a_name_that_is_not_found_means_not_sent(error, reason, resolver):
    def fail():
        raise error

    resolver(fail)
    async with client_of(f"https://{HOST}") as client:
        result = await client.list_page(offset=0, limit=1)

    assert kind_of(result) is FailureKind.NOT_SENT
    assert HOST in result.message
    assert reason in result.message


async def test_a_dead_address_before_a_good_one_does_no_harm(resolver):
    async with serving(saying(response())) as server:
        port = int(server.url.rpartition(":")[2])
        resolver(
            lambda: [
                (socket.AF_INET6, *OF_STREAMS, ("::1", port, 0, 0)),
                (socket.AF_INET, *OF_STREAMS, ("127.0.0.1", port)),
            ]
        )
        async with client_of(f"http://{HOST}:{port}") as client:
            result = await client.set_mode(ID, ResumeMode.AUTO)

    assert isinstance(result, Reply)
    assert server.methods == ["PUT"]


async def test_a_look_up_that_hangs_is_bounded_and_asked_once(resolver):
    released, asked = threading.Event(), []

    def hang():
        asked.append(1)
        released.wait(60)
        return []

    resolver(hang)
    try:
        async with client_of(f"https://{HOST}", timeouts=BRISK) as client:
            results = [await client.list_page(offset=0, limit=1) for _ in range(3)]
    finally:
        released.set()

    assert {kind_of(result) for result in results} == {FailureKind.NOT_SENT}
    assert HOST in results[0].message
    assert max(result.duration_s for result in results) < LONG_S
    assert len(asked) == 1


async def test_a_lack_of_descriptors_is_a_matter_of_settings(resolver):
    def fail():
        raise OSError(errno.EMFILE, "Too many open files")

    resolver(fail)
    async with client_of(f"https://{HOST}") as client:
        result = await client.list_page(offset=0, limit=1)

    assert kind_of(result) is FailureKind.CONFIG
    assert result.hint is not None
    assert "ulimit" in result.hint


async def test_a_thread_that_cannot_be_started_is_a_failed_look_up(monkeypatch):
    def fail(_thread):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", fail)
    with pytest.raises(OSError, match="thread"):
        await look_up(HOST, 443)


HUNG = """
import socket, time

def getaddrinfo(*args, **more):
    time.sleep(60)

socket.getaddrinfo = getaddrinfo
"""
PROGRAM = """
import asyncio, signal
from tests.wire_client import BRISK, client_of

async def main():
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, asyncio.current_task().cancel)
    async with client_of("https://dcs.example.invalid", timeouts={timeouts}) as client:
        print("asking", flush=True)
        failure = await client.list_page(offset=0, limit=1)
        print(failure.kind, flush=True)

try:
    asyncio.run(main())
except asyncio.CancelledError:
    print("cancelled", flush=True)
"""


@pytest.fixture
def hung_program(tmp_path):
    """Start a program that asks a host whose name is looked up for a minute."""
    (tmp_path / "sitecustomize.py").write_text(HUNG, encoding="utf-8")

    with ExitStack() as stack:

        def start(timeouts):
            process = subprocess.Popen(
                [sys.executable, "-c", PROGRAM.format(timeouts=timeouts)],
                env={"PYTHONPATH": f"{tmp_path}:."},
                stdout=subprocess.PIPE,
                text=True,
            )
            stack.callback(process.kill)
            stack.enter_context(process)
            assert process.stdout is not None
            assert process.stdout.readline() == "asking\n"
            return process

        yield start


def test_a_look_up_that_hangs_does_not_hold_up_the_exit(hung_program):
    process = hung_program("BRISK")
    started = time.monotonic()

    assert process.stdout.read() == "not_sent\n"
    assert process.wait(30) == 0
    assert time.monotonic() - started < LONG_S


def test_a_stop_during_a_look_up_that_hangs_is_quick(hung_program):
    process = hung_program("None")
    process.send_signal(signal.SIGTERM)
    started = time.monotonic()

    assert process.stdout.read() == "cancelled\n"
    assert process.wait(30) == 0
    assert time.monotonic() - started < LONG_S


async def test_an_address_that_swallows_everything_is_bounded_by_the_connect_timeout():
    """A full backlog: the kernel drops further attempts to connect without a word."""
    with ExitStack() as stack:
        full = stack.enter_context(socket.socket())
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for _ in range(4):
            filler = stack.enter_context(socket.socket())
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        async with client_of(f"http://127.0.0.1:{full.getsockname()[1]}", timeouts=BRISK) as client:
            result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.NOT_SENT
    assert "in time" in result.message
    assert result.duration_s < LONG_S
