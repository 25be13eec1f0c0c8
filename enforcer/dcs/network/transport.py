"""One attempt at one request: what goes out is one request on the wire, what comes back is a value.

It knows nothing of tasks or credentials, follows nothing, stores nothing, and sends nothing twice.
"""

import re
import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Final

import aiohttp
from msgspec import Struct
from msgspec.structs import replace
from multidict import CIMultiDictProxy
from yarl import URL

from enforcer.dcs.api.call import Answer, Call, HeaderLines, Request, header_lines, unbroken
from enforcer.dcs.api.failures import unusable
from enforcer.dcs.network import certificate
from enforcer.dcs.network.deadlines import Deadlines
from enforcer.dcs.network.exchange import Connection, HttpProcessingError, Pool, Way, ask, give_up
from enforcer.dcs.network.mishaps import failure_of
from enforcer.dcs.network.tls import tls_context
from enforcer.model.answer import Failure, FailureKind

_NO_BODY: Final = frozenset({204, 304})
# Not a bare Exception: a bug has to surface. These are what the network can do.
_MISHAPS: Final = (aiohttp.ClientError, HttpProcessingError, TimeoutError, OSError)
_TARGET: Final = re.compile(r"/[A-Za-z0-9/._~-]*(?:\?[!-~]*)?", re.ASCII)
"""A path with nothing to escape in it, so that everybody reads and signs it alike, and a query without a space."""
_HEADERS: Final = {
    "Accept": "application/json",
    "Accept-Encoding": "identity",
    # An answer out of a proxy's memory would be about another moment, if not about another task.
    "Cache-Control": "no-cache",
}


class Timeouts(Struct, frozen=True, kw_only=True):
    """Seconds. To connect and to ask are bounded each by itself: whatever runs out of the latter was sent."""

    connect: float = 10
    """For a connection to be ready: name look-up, TCP, proxy, TLS."""
    sock_connect: float = 5
    """For one address to answer."""
    answer: float = 15
    """From a question to the end of its answer."""
    long_answer: float = 30
    """Likewise where a call says that its answer is long."""
    silence: float = 15
    """Between two bytes of a long answer."""


class Transport:
    """
    Requests to one endpoint. *proxy* is not used for a loopback address; *clock* gives the Unix time.

    Raises ConfigError if the endpoint needs TLS and no server could be trusted.
    """

    def __init__(
        self,
        pool: Pool,
        endpoint: str,
        *,
        user_agent: str,
        ca_file: str | None,
        proxy: str | None,
        timeouts: Timeouts,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._origin = URL(endpoint).origin()
        self._proxy = None if _is_loopback(self._origin.host or "") else proxy
        self._timeouts = timeouts
        self._clock = clock
        self._deadlines = Deadlines(give_up)
        self._has_been_answered = False
        is_secure = self._origin.scheme == "https"
        through = URL(self._proxy) if self._proxy else None
        self._way = Way(
            pool,
            self._origin,
            tls=tls_context(ca_file) if is_secure else True,
            proxy=through,
            within=aiohttp.ClientTimeout(connect=timeouts.connect, sock_connect=timeouts.sock_connect),
        )
        own = {"Host": self.host, "User-Agent": user_agent, **_HEADERS}
        # A proxy is told in the request itself where it is to go, unless it only carries TLS.
        self._before_target = ""
        if through is not None and not is_secure:
            self._before_target = unbroken(str(self._origin))
            if through.user is not None:
                credentials = aiohttp.encode_basic_auth(through.user, through.password or "")
                own["Proxy-Authorization"] = credentials
        self._own_lines = header_lines(own)

    @property
    def host(self) -> str:
        """The Host header."""
        return self._origin.host_port_subcomponent or ""

    async def send(self, request: Request, lines: HeaderLines, secrets: tuple[str, ...]) -> Answer | Failure:
        """Make one attempt, as by `connection` and `ask`."""
        connection = await self.connection(request.call)
        return connection if isinstance(connection, Failure) else await self.ask(connection, request, lines, secrets)

    async def connection(self, call: Call) -> Connection | Failure:
        """Return a connection that *call* can be made over, or why there is none; for `ask` or `keep`."""
        try:
            return await self._way.connection()
        except _MISHAPS as error:
            return await self._failure(call, error)

    def keep(self, connection: Connection) -> None:
        """Take *connection* back, over which nothing was asked."""
        self._way.keep(connection)

    async def ask(
        self, connection: Connection, request: Request, lines: HeaderLines, secrets: tuple[str, ...]
    ) -> Answer | Failure:
        """Send *request* over *connection*, which is given back or closed, and return what came of it.

        *lines* are sent beside the endpoint's own. *secrets* are what no message about the answer may show.
        """
        call = request.call
        try:
            question = self._question(request, lines)
            self._deadlines.put(connection, self._timeouts.long_answer if call.is_long else self._timeouts.answer)
            silence_s = self._timeouts.silence if call.is_long else None
            head, content = await ask(connection, question, silence_s=silence_s, longest_header=call.header_limit)
            self._has_been_answered = True
            received_at = self._clock()
            body, defect = await _read(head.headers, content, call.body_limit)
        except BaseException as error:
            # What may still come on it must not be taken for the answer to another question.
            connection.close()
            if isinstance(error, _MISHAPS):
                return await self._failure(call, error)
            raise
        finally:
            self._deadlines.lift(connection)
        if defect is None:
            self._way.keep(connection)
        else:
            # What is not read is not waited for either.
            connection.close()
        answer = Answer(
            status=head.code,
            headers=head.headers,
            body=body,
            secrets=secrets,
            is_bounded=_is_bounded(head.code, head.headers),
            received_at=received_at,
        )
        # Any other status says enough without its body.
        return unusable(call, answer, defect) if defect and 200 <= answer.status < 300 else answer

    def _question(self, request: Request, lines: HeaderLines) -> bytes:
        """Return what goes over the wire; raise ValueError if the target could pass for something else."""
        method, target, body = request.call.method, request.target, request.body
        if not _TARGET.fullmatch(target):
            raise ValueError(f"a request to {target!r} would not be read as it is meant")
        length = f"Content-Length: {len(body)}\r\n" if body or method != "GET" else ""
        head = f"{method} {self._before_target}{target} HTTP/1.1\r\n{self._own_lines}{lines}{length}\r\n"
        return head.encode() + body

    async def _failure(self, call: Call, error: Exception) -> Failure:
        host, shown = self._origin.host or "", None
        if isinstance(error, aiohttp.ClientConnectorCertificateError) and self._proxy is None:
            shown = await certificate.shown_by(host, self._origin.port or 443, within_s=self._timeouts.connect)
        failure = failure_of(error, call, host=host, proxy=self._proxy, certificate=shown)
        if failure.kind is FailureKind.CONFIG and self._has_been_answered:
            # Settings that have worked are not wrong: the network is, and it may recover.
            return replace(failure, kind=FailureKind.NOT_SENT)
        return failure


async def _read(headers: CIMultiDictProxy[str], content: aiohttp.StreamReader, limit: int) -> tuple[bytes, str | None]:
    """Return the body and None; or nothing, and why it cannot be used: its encoding, or more than *limit* bytes."""
    if "Content-Encoding" in headers and not _is_as_asked(headers.getall("Content-Encoding")):
        return b"", "a body in an encoding that was not asked for"
    if content.is_eof():  # it has come whole, as nearly all do
        body = content.read_nowait()
        return (body, None) if len(body) <= limit else (b"", f"more than {limit // 1024} KiB")
    parts: list[bytes] = []
    size = 0
    while not content.at_eof():
        part = await content.readany()
        size += len(part)
        if size > limit:
            return b"", f"more than {limit // 1024} KiB"
        parts.append(part)
    return b"".join(parts), None


def _is_as_asked(encodings: Iterable[str]) -> bool:
    return all(encoding.strip().lower() in {"identity", ""} for encoding in encodings)


def _is_bounded(status: int, headers: CIMultiDictProxy[str]) -> bool:
    return "Content-Length" in headers or "Transfer-Encoding" in headers or status in _NO_BODY


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
