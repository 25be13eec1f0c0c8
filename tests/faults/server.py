"""The fault server: DCS over raw TCP or TLS, and everything that can go wrong with it, by a scenario.

    with serving(Store(), Scenario(rules=[Rule(kind="put", nth=2, do=actions.apply_then_close)])) as server:
        ...  # server.endpoint, server.ledger.records, server.store

A daemon thread with a loop of its own, or a process of its own: ``python -m tests.faults.server --help``.
"""

import argparse
import asyncio
import contextlib
import json
import re
import signal
import socket
import ssl
import struct
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from urllib.parse import parse_qs, unquote

from tests.faults.access import AK, PROJECT, REGION, SK, Access
from tests.faults.http1 import Head, Reply, read_head
from tests.faults.ledger import Ledger, Record
from tests.faults.rules import Scenario
from tests.faults.store import Store

LIST = re.compile(rf"/v2/{PROJECT}/migration-tasks")
TASK = re.compile(rf"/v2/{PROJECT}/migration-task/([^/?]+)")
TOLD = frozenset({400, 401, 403, 404, 405, 409, 422, 429, 500, 503})
"""Statuses that say without doubt that a request was not done."""


def error(status: int, code: str, text: str, **headers: str) -> Reply:
    """Return an error as the gateway or the service words it."""
    return Reply(
        status=status, body={"error_code": code, "error_msg": text, "request_id": "f" * 32}, headers=dict(headers)
    )


class Exchange:
    """One request and the means to answer it, well or badly."""

    def __init__(
        self, server: "FaultServer", record: Record, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.server = server
        self.store = server.store
        self.record = record
        self._reader = reader
        self._writer = writer

    def preview(self) -> Reply:
        """Return the ordinary answer without doing what is asked."""
        refusal = self.server.access.refusal(
            method=self.record.method, target=self.record.target, headers=self.record.headers, body=self.record.body
        )
        if refusal is not None:
            return error(401, "APIGW.0301", refusal)
        self.record.authentic = True
        path, _, query = self.record.target.partition("?")
        if self.record.kind == "list":
            asked = parse_qs(query)
            return Reply(body=self.store.page(int(asked.get("offset", ["0"])[0]), int(asked.get("limit", ["10"])[0])))
        if self.record.kind in {"show", "put"}:
            details = self.store.details(unquote(path.rpartition("/")[2]))
            if details is None:
                return error(400, "DCS.4133", "Instance job is not found.")
            return Reply(body=details) if self.record.kind == "show" else Reply()
        return error(404, "APIGW.0101", "The API does not exist or has not been published in the environment.")

    def apply(self) -> None:
        """Do what a PUT asks for."""
        if self.record.kind == "put" and self.record.task_id is not None:
            mode = json.loads(self.record.body)["resume_mode"]
            self.record.applied = self.store.set_mode(self.record.task_id, mode)
            self.server.ledger.keep(self.record)

    def serve(self) -> Reply:
        """Do what is asked and return the ordinary answer."""
        reply = self.preview()
        if reply.status == 200:
            self.apply()
        return reply

    async def reply(self, reply: Reply, *, telling: bool | None = None) -> None:
        """Send a whole answer; *telling* where the status alone does not say whether it tells what was done."""
        await self.write(reply.wire(at=self.server.access.now()))
        self.told(reply, telling=telling)

    def told(self, reply: Reply, *, telling: bool | None = None) -> None:
        """Note that *reply* has left whole."""
        said = reply.status in TOLD or (reply.status in {200, 202, 204} and not reply.payload())
        self.record.status = reply.status
        self.record.telling = said if telling is None else telling
        if reply.status == 200 and isinstance(reply.body, dict):
            rows = reply.body.get("migration_tasks", [reply.body])
            self.record.shown = {row["task_id"]: row.get("resume_mode") for row in rows if "task_id" in row}

    async def write(self, data: bytes) -> None:
        """Send *data*; raises ConnectionError if the client has gone."""
        if self._writer.is_closing():
            raise ConnectionResetError
        self._writer.write(data)
        await self._writer.drain()

    def wire(self, reply: Reply) -> bytes:
        return reply.wire(at=self.server.access.now())

    def close(self) -> None:
        """End the connection in good order."""
        self._writer.close()

    def reset(self) -> None:
        """End the connection by a reset, as a crashed middlebox does."""
        raw = self._writer.get_extra_info("socket")
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()

    def drop(self) -> None:
        """End the TCP connection without the close_notify of TLS."""
        self._writer.transport.abort()

    async def until_the_client_goes(self) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            while await self._reader.read(65536):
                pass


class FaultServer:
    """Its state, all of it: may be read from another thread once the client has ended."""

    def __init__(
        self, store: Store, scenario: Scenario, *, tls: ssl.SSLContext | None = None, ledger: Ledger | None = None
    ) -> None:
        self.store = store
        self.scenario = scenario
        self.access = Access()
        self.ledger = Ledger() if ledger is None else ledger
        self.connections = 0
        self.later: list[asyncio.TimerHandle] = []
        self._tls = tls
        self._port = 0
        self._listener: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def endpoint(self) -> str:
        return f"{'https' if self._tls else 'http'}://127.0.0.1:{self._port}"

    @property
    def env(self) -> dict[str, str]:
        """Return the environment variables that point the tool here."""
        return {
            "HUAWEICLOUD_SDK_AK": AK,
            "HUAWEICLOUD_SDK_SK": SK,
            "HUAWEICLOUD_SDK_PROJECT_ID": PROJECT,
            "HW_REGION_NAME": REGION,
            "ENFORCER_ENDPOINT": self.endpoint,
        }

    @property
    def is_up(self) -> bool:
        return self._listener is not None and self._listener.is_serving()

    @property
    def puts(self) -> list[Record]:
        return [record for record in self.ledger.records if record.kind == "put"]

    async def listen(self) -> None:
        """Listen on the port that it has, a free one at first."""
        self._listener = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        self._port = self._listener.sockets[0].getsockname()[1]

    def go_down(self, seconds: float) -> None:
        """Refuse connections for *seconds* and break those there are."""
        assert self._listener is not None
        self._listener.close()
        for writer in list(self._writers):
            writer.transport.abort()
        loop = asyncio.get_running_loop()
        self.later.append(loop.call_later(seconds, lambda: self._open.add(loop.create_task(self.listen()))))

    async def stop(self) -> None:
        for handle in self.later:
            handle.cancel()
        if self._listener is not None:
            self._listener.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self._writers.add(writer)
        self.connections += 1
        number = self.connections
        try:
            await self._converse(number, reader, writer)
        # Whatever the client does to a connection, and the end of the server.
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, asyncio.CancelledError):
            pass
        finally:
            self._open.discard(task)
            self._writers.discard(writer)
            writer.close()

    async def _converse(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        treatment = self.scenario.connections.get(number) or self.scenario.connections.get(0)
        if treatment == "reset":
            raw = writer.get_extra_info("socket")
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
            return
        if treatment == "stall":
            while await reader.read(65536):
                pass
            return
        if self._tls is not None:
            await writer.start_tls(self._tls)
        while not writer.is_closing():
            head = await read_head(reader)
            await self._exchange(number, head, reader, writer)

    async def _exchange(
        self, number: int, head: Head, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        body = await reader.readexactly(int(head.headers.get("content-length", "0")))
        kind, task_id = kind_of(head)
        puts_before = len(self.puts)
        record = self.ledger.open(
            connection=number,
            kind=kind,
            method=head.method,
            target=head.target,
            headers=head.headers,
            body=body,
            task_id=task_id,
        )
        rule = self.scenario.action_for(record, puts_before=puts_before)
        exchange = Exchange(self, record, reader, writer)
        try:
            if rule is None:
                await exchange.reply(exchange.serve(), telling=True)
            else:
                record.action = rule.name or getattr(rule.do, "__name__", "?")
                await rule.do(exchange)
        finally:
            record.done_at = time.monotonic()
            self.ledger.keep(record)


def kind_of(head: Head) -> tuple[str, str | None]:
    """Return what a request is and the task it is about."""
    path = head.target.partition("?")[0]
    if head.method == "GET" and LIST.fullmatch(path):
        return "list", None
    found = TASK.fullmatch(path)
    if found and head.method in {"GET", "PUT"}:
        return "show" if head.method == "GET" else "put", unquote(found[1])
    return "other", None


@contextlib.contextmanager
def serving(
    store: Store | None = None, scenario: Scenario | None = None, *, tls: ssl.SSLContext | None = None
) -> Iterator[FaultServer]:
    """Run a server in a thread of its own until the block ends."""
    server = FaultServer(Store() if store is None else store, scenario or Scenario(), tls=tls)
    started: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()

    async def live() -> None:
        stop = asyncio.Event()
        await server.listen()
        started.set_result((asyncio.get_running_loop(), stop))
        await stop.wait()
        await server.stop()

    thread = threading.Thread(target=lambda: asyncio.run(live()), name="fault server", daemon=True)
    thread.start()
    loop, stop = started.result(timeout=60)
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(timeout=60)
        assert not thread.is_alive(), "the fault server did not stop"


def main(argv: list[str] | None = None) -> None:
    """Serve one fault of the catalogue until SIGTERM, with the ledger in a file; the endpoint is the first line out."""
    from tests.faults.catalogue import FAULTS, PLACES, scenario_of

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--fault", choices=sorted(FAULTS), help="none: everything goes well")
    parser.add_argument("--place", choices=sorted(PLACES), default="first_put")
    parser.add_argument("--changes", type=int, default=6)
    parser.add_argument("--ledger", type=Path, required=True)
    asked = parser.parse_args(argv)
    store = Store(asked.changes, max_page=4, hide_mode=1)
    scenario = scenario_of([(asked.fault, asked.place)], changes=asked.changes) if asked.fault else Scenario()
    asyncio.run(_serve(FaultServer(store, scenario, ledger=Ledger(asked.ledger))))


async def _serve(server: FaultServer) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await server.listen()
    print(server.endpoint, flush=True)  # noqa: T201 - how the parent learns of it
    await stop.wait()
    await server.stop()


if __name__ == "__main__":
    main()
