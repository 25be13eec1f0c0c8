"""What an apply does from its plan to the last answer, in this process, over connections that answer at once.

python -m tests.bench.loops.sending CHANGES FOLDER

Everything is there that a run has: journal, log, report, progress, signature. `make count` counts its instructions.
"""

import asyncio
import gc
import random
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from typing import Any, Final
from unittest.mock import patch

import aiohttp
from aiohttp.client_proto import ResponseHandler
from msgspec.structs import replace

from enforcer.cli.terminal import logs, loops, progress
from enforcer.core.fold.summary import Summary
from enforcer.dcs.access.identity import AccessKey, Secret
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.client import connect
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.plan import Cause, Change
from enforcer.model.task import ResumeMode, Task
from enforcer.ports import TaskApi
from enforcer.run.apply import apply
from enforcer.run.recording import Recorder
from enforcer.run.site import Conduct, Site
from enforcer.run.stopping import Stop
from enforcer.run.throttle import PacedThrottle
from tests import builders
from tests.bench import fleet

WORKERS: Final = 64
ENDPOINT: Final = "http://127.0.0.1:9"
ANSWER: Final = (
    b"HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: %s\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    % formatdate(usegmt=True).encode()
)


class Echo(asyncio.Transport):
    """A connection whose other end answers each write with ANSWER."""

    def __init__(self, loop: asyncio.AbstractEventLoop, protocol: ResponseHandler) -> None:
        super().__init__()
        self._loop = loop
        self._protocol = protocol

    def write(self, _data: Any) -> None:
        self._loop.call_soon(self._protocol.data_received, ANSWER)

    def is_closing(self) -> bool:
        return False

    def close(self) -> None:
        self._loop.call_soon(self._protocol.connection_lost, None)

    abort = close


async def echoing(pool: aiohttp.TCPConnector, *_: object) -> ResponseHandler:
    """Make such a connection, where *pool* would make one."""
    protocol = pool._factory()
    protocol.connection_made(Echo(pool._loop, protocol))
    return protocol


def changes(count: int) -> list[Change]:
    cause = Cause(name="all-manual", origin="all-manual.yaml:4")
    return [
        Change(
            task=Task(
                target=builders.TARGET,
                task_id=fleet.task_id(number),
                task_name=fleet.task_name(number),
                resume_mode=ResumeMode.AUTO,
                status="INCRMIGEATING",
            ),
            desired=ResumeMode.MANUAL,
            cause=cause,
        )
        for number in range(count)
    ]


@asynccontextmanager
async def client() -> AsyncIterator[TaskApi]:
    """Yield the API's client over connections that are none."""
    key = AccessKey(source="env", origin="the environment", access="AK", secret=Secret("SK"))
    connected = connect(
        target_name=builders.TARGET,
        endpoint=ENDPOINT,
        iam_endpoint=None,
        region=None,
        project_id=fleet.PROJECT_ID,
        identity=Identity(key),
        ca_file=None,
        proxy=None,
    )
    with patch.object(aiohttp.TCPConnector, "_create_connection", echoing):
        async with connected as api:
            yield api


async def send(recorder: Recorder, planned: list[Change]) -> None:
    """Carry out *planned* without a rate."""
    ref = builders.a_target_ref(endpoint=ENDPOINT, rate="unlimited", rate_per_s=None, concurrency=WORKERS)
    recorder.emit(replace(builders.a_run_started(), targets=(ref,)))
    for change in planned:
        recorder.emit(builders.a_change_planned(change.task.task_id, before=ResumeMode.AUTO, desired=change.desired))
    await recorder.durable()
    stop = Stop()
    conduct = Conduct(recorder=recorder, stop=stop, jitter=random.random, settle_s=0)
    throttle = PacedThrottle(ref.name, None, stop, emit=recorder.emit, jitter=conduct.jitter)
    async with client() as api:
        site = Site(ref=ref, api=api, throttle=throttle, conduct=conduct, stop=stop)
        sent = await apply(site, planned, listed_at=asyncio.get_running_loop().time(), hold=lambda _: None)
    recorder.pass_on()
    if len(sent.acked) != len(planned):
        raise RuntimeError(f"{len(sent.acked)} of {len(planned)} changes were taken")


def main(count: int, folder: Path) -> None:
    gc.set_threshold(100_000)  # as the command does
    gc.freeze()
    sink = logs.set_up(level="info", form="json", file=str(folder / "log"), colors=False)
    with (
        JournalWriter(SqliteStore(folder / "state"), sys.stderr.write) as journal,
        progress.display(sink, colors=False) as display,
        asyncio.Runner(loop_factory=loops.chosen()) as runner,
    ):
        runner.run(send(Recorder(journal, (Summary(), display, sink), time.time), changes(count)))
    sink.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
