"""A server of raw bytes for tests: it notes every request before it answers, and answers as it is told.

It knows HTTP only as far as needed to find the end of a request.
"""

import asyncio
import json
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, TypeAlias


@dataclass(frozen=True, kw_only=True)
class Seen:
    """One request as it came; the names of *headers* are in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Respond: TypeAlias = Callable[[Seen, asyncio.StreamWriter], Awaitable[None]]


@dataclass
class WireServer:
    url: str = ""
    ledger: list[Seen] = field(default_factory=list)
    connections: int = 0

    @property
    def methods(self) -> list[str]:
        return [seen.method for seen in self.ledger]


def response(
    status: int = 200, body: bytes | str | dict[str, Any] | list[Any] = b"", headers: dict[str, str] | None = None
) -> bytes:
    """Return the bytes of a complete answer; what is not bytes or text becomes JSON."""
    if not isinstance(body, bytes):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


def saying(*answers: bytes) -> Respond:
    """Return a script that sends *answers* one after the other, and the last one from then on."""
    left = list(answers)

    async def respond(_seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(left.pop(0) if len(left) > 1 else left[0])
        await writer.drain()

    return respond


def saying_and_closing(answer: bytes) -> Respond:
    """Return a script that sends *answer* and closes the connection."""

    async def respond(_seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()
        writer.close()

    return respond


def saying_and_resetting(answer: bytes) -> Respond:
    """Return a script that sends *answer* and resets the connection."""

    async def respond(_seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        with suppress(ConnectionError):
            await writer.drain()
        linger_for_no_time = struct.pack("ii", 1, 0)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger_for_no_time)
        writer.transport.abort()

    return respond


def dripping(start: bytes, drop: bytes, *, every_s: float) -> Respond:
    """Return a script that sends *start*, and then *drop* again and again, without end."""

    async def respond(_seen: Seen, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(drop)
            await writer.drain()
            await asyncio.sleep(every_s)

    return respond


async def closing(_seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Close the connection without an answer."""
    writer.close()


async def resetting(_seen: Seen, writer: asyncio.StreamWriter) -> None:
    """Reset the connection without an answer."""
    writer.transport.abort()


async def hanging(_seen: Seen, _writer: asyncio.StreamWriter) -> None:
    """Never answer."""
    await asyncio.Event().wait()


@asynccontextmanager
async def serving(respond: Respond, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[WireServer]:
    """Run a server on a free loopback port until the block ends."""
    server = WireServer()

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.connections += 1
        while not writer.is_closing():
            seen = await _read_request(reader)
            server.ledger.append(seen)
            await respond(seen, writer)

    async with listening(handle, tls=tls) as (port, _):
        server.url = f"{'https' if tls else 'http'}://127.0.0.1:{port}"
        yield server


@asynccontextmanager
async def listening(
    handle: Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]],
    *,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[tuple[int, asyncio.Server]]:
    """Let *handle* have each connection to a free loopback port until the block ends; yield the port and listener."""
    tasks: set[asyncio.Task[Any]] = set()

    async def handle_and_close(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handle(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError, ssl.SSLError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            with suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    listener = await asyncio.start_server(handle_and_close, "127.0.0.1", 0, ssl=tls)
    try:
        yield listener.sockets[0].getsockname()[1], listener
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _read_request(reader: asyncio.StreamReader) -> Seen:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.rstrip("\r\n").split("\r\n")
    method, target, _version = first.split(" ", 2)
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Seen(method=method, target=target, headers=headers, body=body)
