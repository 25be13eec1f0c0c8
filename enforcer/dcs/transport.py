"""One attempt at one request: what goes out is one request on the wire, what comes back is a value.

It knows nothing of tasks or credentials, follows nothing, stores nothing, and sends nothing twice.
"""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from ipaddress import ip_address
from typing import Final

import aiohttp
from aiohttp.tracing import Trace
from yarl import URL

from enforcer.dcs import certificate
from enforcer.dcs.call import LIST, Answer, Call, Request
from enforcer.dcs.failures import unusable
from enforcer.dcs.mishaps import AnswerLostError, failure_of
from enforcer.dcs.resolver import DaemonResolver
from enforcer.dcs.tls import tls_context
from enforcer.model.answer import Failure, FailureKind

_SPARE_CONNECTIONS: Final = 2
_NO_BODY: Final = frozenset({204, 304})
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    # An answer out of a proxy's memory would be about another moment, if not about another task.
    "Cache-Control": "no-cache",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeouts:
    """Seconds. *connect* is below *total*, so that running into *total* means that the request was sent."""

    connect: float = 10
    """For a connection to be ready: name look-up, TCP, proxy, TLS."""
    sock_connect: float = 5
    """For one address to answer."""
    sock_read: float = 15
    """Between two bytes of an answer."""
    total: float = 20
    """For the whole request."""
    list_total: float = 30
    """The same for a page of the list."""


async def _never_again(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    """
    Turn a broken connection into an error of our own.

    aiohttp sends an idempotent request, and PUT is one, a second time by itself if the connection
    breaks before the answer; its own classes of errors are what starts that.
    """
    try:
        return await handler(request)
    except aiohttp.ClientConnectorError:
        raise
    except (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError) as error:
        raise AnswerLostError("the connection broke before the answer") from error


class WithdrawnError(Exception):
    """Nothing was sent: while the connection was made, the request was no longer wanted."""


_is_wanted: ContextVar[Callable[[], bool]] = ContextVar("_is_wanted")


class _Connector(aiohttp.TCPConnector):
    """Asks once more before it hands out a connection: the look-up and the handshakes take their time."""

    async def connect(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - the library's signature
    ) -> aiohttp.connector.Connection:
        connection = await super().connect(req, traces, timeout)
        if not _is_wanted.get()():
            connection.release()
            raise WithdrawnError
        return connection


@asynccontextmanager
async def open_session(*, concurrency: int, user_agent: str) -> AsyncIterator[aiohttp.ClientSession]:
    """Yield a session for *concurrency* requests at a time."""
    # aiohttp counts the wait for a connection as part of the request's time, so that a smaller pool
    # turns queueing into time-outs.
    connector = _Connector(limit=concurrency + _SPARE_CONNECTIONS, resolver=DaemonResolver())
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        trust_env=False,
        # What was not asked for is not unpacked: 400 kB can become 400 MB.
        auto_decompress=False,
        middlewares=(_never_again,),
        headers={"User-Agent": user_agent, **_HEADERS},
    ) as session:
        yield session


class Transport:
    """
    Requests to one endpoint. *proxy* is not used for a loopback address; *clock* gives the Unix time.

    Raises ConfigError if the endpoint needs TLS and no server could be trusted.
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        endpoint: str,
        *,
        ca_file: str | None,
        proxy: str | None,
        timeouts: Timeouts,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._session = session
        self._origin = URL(endpoint).origin()
        self._tls = tls_context(ca_file) if self._origin.scheme == "https" else True
        self._proxy = None if _is_loopback(self._origin.host or "") else proxy
        self._timeout = _client_timeout(timeouts, timeouts.total)
        self._list_timeout = _client_timeout(timeouts, timeouts.list_total)
        self._connect_s = timeouts.connect
        self._clock = clock
        self._has_been_answered = False

    @property
    def host(self) -> str:
        """The Host header, as aiohttp would write it."""
        return self._origin.host_port_subcomponent or ""

    async def send(
        self,
        request: Request,
        headers: dict[str, str],
        secrets: tuple[str, ...],
        *,
        is_wanted: Callable[[], bool] = lambda: True,
    ) -> Answer | Failure:
        """Make one attempt. *secrets* are what no message about the answer may show.

        *is_wanted* is asked when there is a connection; raises WithdrawnError, with nothing sent, if it says no.
        """
        call = request.call
        _is_wanted.set(is_wanted)
        try:
            async with self._session.request(
                call.method,
                self._url(request),
                data=request.body or None,
                headers=headers,
                allow_redirects=False,
                ssl=self._tls,
                proxy=self._proxy,
                timeout=self._list_timeout if call is LIST else self._timeout,
                max_field_size=call.header_limit,
            ) as response:
                self._has_been_answered = True
                return await self._answer(call, response, secrets)
        # Not a bare Exception: a bug has to surface. These are what the network can do.
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return await self._failure(call, error)

    async def _answer(self, call: Call, response: aiohttp.ClientResponse, secrets: tuple[str, ...]) -> Answer | Failure:
        received_at = self._clock()
        body, defect = await _read(response, call.body_limit)
        answer = Answer(
            status=response.status,
            headers=response.headers,
            body=body,
            secrets=secrets,
            is_bounded=_is_bounded(response),
            received_at=received_at,
        )
        # Any other status says enough without its body.
        return unusable(call, answer, defect) if defect and 200 <= answer.status < 300 else answer

    async def _failure(self, call: Call, error: Exception) -> Failure:
        host, shown = self._origin.host or "", None
        if isinstance(error, aiohttp.ClientConnectorCertificateError) and self._proxy is None:
            shown = await certificate.shown_by(host, self._origin.port or 443, within_s=self._connect_s)
        failure = failure_of(error, call, host=host, proxy=self._proxy, certificate=shown)
        if failure.kind is FailureKind.CONFIG and self._has_been_answered:
            # Settings that have worked are not wrong: the network is, and it may recover.
            return replace(failure, kind=FailureKind.NOT_SENT)
        return failure

    def _url(self, request: Request) -> URL:
        url = self._origin.with_path(request.path, encoded=True)
        if request.query:
            url = url.with_query(request.query)
        # Whatever the library made of it: what is signed and meant is what is sent.
        if url.raw_path_qs != request.target:
            raise ValueError(f"the URL's target became {url.raw_path_qs!r}")
        return url


async def _read(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, str | None]:
    """
    Return the body and None; or nothing of it, and why it cannot be used: its encoding, or more than *limit* bytes.

    What is not read is not waited for either: the connection is closed.
    """
    if any(value.strip().lower() not in {"identity", ""} for value in response.headers.getall("Content-Encoding", ())):
        response.close()
        return b"", "a body in an encoding that was not asked for"
    parts: list[bytes] = []
    size = 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > limit:
            response.close()
            return b"", f"more than {limit // 1024} KiB"
        parts.append(part)
    return b"".join(parts), None


def _is_bounded(response: aiohttp.ClientResponse) -> bool:
    is_framed = "Content-Length" in response.headers or "Transfer-Encoding" in response.headers
    return is_framed or response.status in _NO_BODY


def _client_timeout(timeouts: Timeouts, total: float) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(
        total=total,
        connect=timeouts.connect,
        sock_connect=timeouts.sock_connect,
        sock_read=timeouts.sock_read,
    )


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
