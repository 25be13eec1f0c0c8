"""One question and its answer on a connection out of aiohttp's pool: bytes out, its parser's message back.

aiohttp's `ClientSession` takes longer over a request than everything else that a change needs, and sends a PUT a second
time by itself if the connection breaks. What is below it does all the rest here: the pool, name look-ups, TLS, proxies,
time-outs and the parser. Not all of that is documented for use from outside: no other file relies on it, and
pyproject.toml bounds the version because of this one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property, partial
from ssl import SSLContext
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.client_reqrep import ConnectionKey
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from yarl import URL

from enforcer.dcs.network.resolver import DaemonResolver

__all__ = ["Connection", "HttpProcessingError", "Pool", "RawResponseMessage", "Way", "ask", "give_up", "open_pool"]

_SPARE_CONNECTIONS: Final = 2
_SWITCHING: Final = 101


class _Protocol(ResponseHandler):
    """aiohttp's own. With each piece that is read of a body, that runs the parser again and wakes the transport.

    Neither has anything left to do for a connection whose reading was never paused. Once it was, the parser may have
    kept bytes back, even though reading has been resumed since: it is told late if the pause came with a chunk's end.
    """

    _has_paused = False

    def pause_reading(self) -> None:
        self._has_paused = True
        super().pause_reading()

    def resume_reading(self, resume_parser: bool = True) -> None:  # noqa: FBT001, FBT002 - as it is there
        if self._has_paused:
            super().resume_reading(resume_parser)

    def give_up(self) -> None:
        """Do as when nothing has come for too long: who waits for the answer, or for its rest, gets a TimeoutError."""
        self._on_read_timeout()


def _protocol(loop: asyncio.AbstractEventLoop) -> ResponseHandler:
    return _Protocol(loop)


class Pool(aiohttp.TCPConnector):
    """The connections of one event loop, at most *limit* of them."""

    def __init__(self, *, limit: int) -> None:
        super().__init__(limit=limit, resolver=DaemonResolver())
        self._factory = partial(_protocol, loop=self._loop)


class _Errand(aiohttp.ClientRequest):
    """What the pool reads from where to connect to; it is never sent. The key is worked out once, not each time."""

    @cached_property
    def connection_key(self) -> ConnectionKey:
        return super().connection_key


@asynccontextmanager
async def open_pool(*, concurrency: int) -> AsyncIterator[Pool]:
    """Yield a pool of connections for *concurrency* requests at a time."""
    # aiohttp counts the wait for a connection as part of the request's time, so that a smaller pool
    # turns queueing into time-outs.
    pool = Pool(limit=concurrency + _SPARE_CONNECTIONS)
    async with pool:
        yield pool


class Way:
    """How connections to one server are made: its *origin*, whom to trust, through which proxy, within what time."""

    def __init__(
        self, pool: Pool, origin: URL, *, tls: SSLContext | bool, proxy: URL | None, within: aiohttp.ClientTimeout
    ) -> None:
        self._pool = pool
        self._within = within
        self._errand = _Errand("GET", origin, ssl=tls, proxy=proxy, loop=asyncio.get_running_loop(), session=None)

    async def connection(self) -> Connection:
        """Return a connection, kept or new, that is given back by `release`, or by `close` if it is of no more use.

        Raises ClientError or OSError, ConnectionTimeoutError among them.
        """
        while True:
            try:
                connection = await self._pool.connect(self._errand, [], self._within)
            except TimeoutError as error:
                raise aiohttp.ConnectionTimeoutError from error
            protocol = connection.protocol
            # What came on a kept connection before anything was asked is no answer to what is asked now.
            if protocol is not None and len(protocol) == 0:
                return connection
            connection.close()


async def ask(
    connection: Connection, question: bytes, *, silence_s: float | None, longest_header: int
) -> tuple[RawResponseMessage, aiohttp.StreamReader]:
    """Send *question* and return the head and the body of its answer, as they come; interim answers are passed over.

    The body is as it came, nothing unpacked. *silence_s* may pass between two bytes, any time if None; a header of the
    answer may have *longest_header* bytes. Raises HttpProcessingError for what is not HTTP, ClientError, OSError or
    TimeoutError.
    """
    protocol, transport = connection.protocol, connection.transport
    if protocol is None or transport is None:
        raise aiohttp.ServerDisconnectedError
    protocol.set_response_params(
        read_until_eof=True, auto_decompress=False, read_timeout=silence_s, max_field_size=longest_header
    )
    transport.write(question)
    if silence_s is not None:
        protocol.start_timeout()
    while True:
        message, body = await protocol.read()
        if message.code >= 200 or message.code == _SWITCHING:
            return message, body


def give_up(connection: Connection) -> None:
    """Have whoever waits in `ask`, or for the body that it returned, get a TimeoutError."""
    if isinstance(connection.protocol, _Protocol):
        connection.protocol.give_up()
