"""One question and its answer on a connection of aiohttp's: bytes out, its parser's message back.

aiohttp's `ClientSession` takes longer over a request than everything else that a change needs, and sends a PUT a second
time by itself if the connection breaks. What is below it does all the rest here: name look-ups, TLS, proxies, time-outs
and the parser. Not all of that is documented for use from outside: no other file relies on it, and
pyproject.toml bounds the version because of this one.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from ssl import SSLContext
from typing import Final

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.connector import Connection
from aiohttp.http import HttpProcessingError, RawResponseMessage
from yarl import URL

from enforcer.dcs.network.resolver import DaemonResolver

__all__ = ["Connection", "HttpProcessingError", "Pool", "RawResponseMessage", "Way", "ask", "give_up", "open_pool"]

_KEPT_S: Final = 15.0
"""For how long a connection that is not used is kept: what waits longer is often closed just when it is used."""
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
    """Makes the connections of one event loop, as many as are asked for, and closes what is left of them at the end."""

    def __init__(self) -> None:
        super().__init__(limit=0, resolver=DaemonResolver())
        self._factory = partial(_protocol, loop=self._loop)
        self.ways: list[Way] = []

    async def close(self, *, abort_ssl: bool = False) -> None:
        for way in self.ways:
            way.let_go()
        await super().close(abort_ssl=abort_ssl)


@asynccontextmanager
async def open_pool() -> AsyncIterator[Pool]:
    """Yield a pool of connections."""
    pool = Pool()
    async with pool:
        yield pool


class Way:
    """
    Connections to one server: its *origin*, whom to trust, through which proxy, made within what time.

    Those that are kept for the next question are kept here. The pool's way of keeping them, by keys and for others who
    wait for one, takes a twentieth of all that a change takes.
    """

    def __init__(
        self, pool: Pool, origin: URL, *, tls: SSLContext | bool, proxy: URL | None, within: aiohttp.ClientTimeout
    ) -> None:
        self._pool = pool
        self._within = within
        self._loop = asyncio.get_running_loop()
        self._errand = aiohttp.ClientRequest("GET", origin, ssl=tls, proxy=proxy, loop=self._loop, session=None)
        """What the pool reads from where to connect to; it is never sent."""
        self._kept: list[tuple[Connection, float]] = []
        """With the loop's time at which they are too old. The one that was used last is the next to be used."""
        pool.ways.append(self)

    async def connection(self) -> Connection:
        """Return a connection, kept or new, that is given back by `keep`, or by its `close` if it is of no more use.

        Raises ClientError or OSError, ConnectionTimeoutError among them.
        """
        while self._kept:
            connection, too_old_at = self._kept.pop()
            if _is_open(connection) and self._loop.time() < too_old_at:
                return connection
            connection.close()
        try:
            return await self._pool.connect(self._errand, [], self._within)
        except TimeoutError as error:
            raise aiohttp.ConnectionTimeoutError from error

    def keep(self, connection: Connection) -> None:
        """Take *connection* back, whose last answer was read to its end; close it if it takes no further question."""
        if connection.protocol is None or connection.protocol.should_close:
            connection.close()
        else:
            self._kept.append((connection, self._loop.time() + _KEPT_S))

    def let_go(self) -> None:
        """Leave to the pool what is kept."""
        while self._kept:
            connection, _ = self._kept.pop()
            connection.release()


def _is_open(connection: Connection) -> bool:
    """Whether a kept connection may be used."""
    protocol = connection.protocol
    # What came on it while nothing was asked is no answer to the next question: then it is to be closed.
    return protocol is not None and protocol.is_connected() and not protocol.should_close


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
    protocol.start_timeout()  # also where there is none: what an earlier answer left of one would end this
    while True:
        message, body = await protocol.read()
        if message.code >= 200 or message.code == _SWITCHING:
            return message, body


def give_up(connection: Connection) -> None:
    """Have whoever waits in `ask`, or for the body that it returned, get a TimeoutError."""
    if isinstance(connection.protocol, _Protocol):
        connection.protocol.give_up()
