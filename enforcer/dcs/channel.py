"""Requests to one endpoint by whoever asks: sent once, when the credentials may be used, and judged for them.

What a request is about is not known here, nor what it shows of who asks, and nothing is retried.
"""

import time
from collections.abc import Callable
from typing import Any, Final, TypeGuard, TypeVar

from msgspec import structs

from enforcer.dcs.access.identity import Token
from enforcer.dcs.access.passes import Pass, Passes, no_desk
from enforcer.dcs.access.refusal import is_of_other_project, is_refused, shows_acceptance
from enforcer.dcs.access.renewal import Desk, Identity
from enforcer.dcs.api.call import Answer, Request
from enforcer.dcs.api.failures import request_id
from enforcer.dcs.api.throttling import http_date
from enforcer.dcs.network.transport import Transport
from enforcer.model.answer import Failure, FailureKind, Reply

T = TypeVar("T")

_HUSHED: Final = Failure(kind=FailureKind.WITHDRAWN, message="nothing was sent: a stop was asked for first")


class Channel:
    """
    The way to *transport*'s endpoint for *identity*; safe for many requests at a time.

    *project_id*, *desk* and *token* are as in `Passes`.
    """

    def __init__(
        self,
        transport: Transport,
        identity: Identity,
        *,
        project_id: str | None,
        desk: Desk = no_desk,
        token: Token | None = None,
    ) -> None:
        self._transport = transport
        self._alone = identity.alone
        self._passes = Passes(identity, host=transport.host, project_id=project_id, desk=desk, token=token)
        self._is_hushed = False
        self.skew_s: float | None = None
        """How far this machine's clock was ahead of the server's when it was last measured, in seconds."""

    @property
    def expires_at(self) -> float | None:
        """When the credentials that were accepted last expire, Unix time; None: no end of them is known."""
        return self._passes.expires_at

    def hush(self) -> None:
        """Send nothing from now on; requests on the wire are left alone."""
        self._is_hushed = True

    async def ask(self, request: Request, read: Callable[[Answer], T | Failure]) -> Reply[T] | Failure:
        """
        Send *request* once and return what *read* makes of the answer, or why there is none.

        Waits while another request tries the credentials, and while they are renewed. If they are refused
        the failure is RENEWED when there are others by then, else DENIED; after that nothing is sent.
        Once hushed, the failure is WITHDRAWN.
        """
        if self._is_hushed:
            return _HUSHED
        usable = self._passes.usable()
        if usable is None:
            answer = await self._in_turn(request, read)
        else:
            answer = await self._sent(request, read, usable)
            if _is_refusal(answer):
                async with self._alone:
                    return await self._passes.settled(answer)
        return await self.ask(request, read) if answer is None else answer

    async def _in_turn(self, request: Request, read: Callable[[Answer], T | Failure]) -> Reply[T] | Failure | None:
        """Wait until nobody else tries the credentials, and try them if need be; None: nothing was sent."""
        earlier = self._passes.miss
        async with self._alone:
            miss = self._passes.miss
            if miss is not None and miss is not earlier:
                # Found out while this request waited; IAM is not asked once for each of those who wait.
                return miss
            if self._passes.usable() is None and not self._is_hushed:
                return await self._tried(request, read)
        return None

    async def _tried(self, request: Request, read: Callable[[Answer], T | Failure]) -> Reply[T] | Failure | None:
        """Send *request* to find out whether the credentials are accepted; nobody else sends meanwhile.

        None: it was withdrawn before it was sent.
        """
        ready = await self._passes.ready()
        if isinstance(ready, Failure):
            return ready
        answer = await self._sent(request, read, ready)
        return await self._passes.settled(answer) if _is_refusal(answer) else answer

    async def _sent(
        self, request: Request, read: Callable[[Answer], T | Failure], using: Pass
    ) -> Reply[T] | Failure | None:
        """Send *request*; None: by the time there was a connection, *using* was refused, or all is hushed."""
        started = time.perf_counter()
        connection = await self._transport.connection(request.call)
        if isinstance(connection, Failure):
            return structs.replace(connection, duration_s=time.perf_counter() - started)
        # The look-up and the handshakes take their time.
        if self._is_hushed or self._passes.is_refused(using):
            self._transport.keep(connection)
            return None
        answer = await self._transport.ask(connection, request, using.auth(request), using.secrets)
        duration_s = time.perf_counter() - started
        if isinstance(answer, Failure):
            return structs.replace(answer, duration_s=duration_s)
        if self.skew_s is None:
            self._measure(answer)
        value = read(answer)
        if isinstance(value, Failure):
            failure = structs.replace(value, duration_s=duration_s)
            self._take_note(failure, answer, using)
            return failure
        self._passes.accept(using)
        return Reply(value=value, http_status=answer.status, request_id=request_id(answer), duration_s=duration_s)

    def _take_note(self, failure: Failure, answer: Answer, using: Pass) -> None:
        if shows_acceptance(failure):
            self._passes.accept(using)
        elif is_of_other_project(failure):
            # The token is good, and of no use here: what other endpoints do with it is their business.
            self._passes.close(failure)
        elif is_refused(failure):
            self._measure(answer)
            self._passes.suspect(using, failure, skew_s=self.skew_s)

    def _measure(self, answer: Answer) -> None:
        told = http_date(answer.headers.get("Date", ""))
        if told is not None and answer.received_at is not None:
            self.skew_s = answer.received_at - told


def _is_refusal(answer: Reply[Any] | Failure | None) -> TypeGuard[Failure]:
    return isinstance(answer, Failure) and is_refused(answer)
