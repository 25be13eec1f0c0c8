"""Requests to one endpoint by whoever asks: sent once, when the credentials may be used, and judged for them.

What a request is about is not known here, and nothing is retried.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final, TypeGuard, TypeVar

from msgspec import structs

from enforcer.dcs.access.auth import Auth, with_key, with_token
from enforcer.dcs.access.identity import AccessKey, Password, Token
from enforcer.dcs.access.refusal import Refusal, is_of_other_project, is_refused, shows_acceptance, unsent
from enforcer.dcs.access.renewal import AGAIN_S, Desk, Identity
from enforcer.dcs.api.call import Answer, Request
from enforcer.dcs.api.failures import request_id
from enforcer.dcs.api.throttling import http_date
from enforcer.dcs.network.transport import Transport, WithdrawnError
from enforcer.errors import ConfigError, DeniedError, EnforcerError, ProtocolError
from enforcer.model.answer import Failure, FailureKind, Reply

T = TypeVar("T")

# The others mean that IAM could not be asked; then nothing of the request itself was sent.
_KINDS: Final = {
    DeniedError: FailureKind.DENIED,
    ConfigError: FailureKind.CONFIG,
    ProtocolError: FailureKind.PROTOCOL,
}


_HUSHED: Final = Failure(kind=FailureKind.WITHDRAWN, message="nothing was sent: a stop was asked for first")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pass:
    """What requests go out with."""

    generation: int
    auth: Auth = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    renew_at: float | None
    expires_at: float | None = None


async def _no_desk(_password: Password) -> tuple[Token, str]:
    raise ConfigError("the credentials became a password, and IAM is not known here")


class Channel:
    """
    The way to *transport*'s endpoint for *identity*; safe for many requests at a time.

    *project_id* goes with signatures and tokens. *desk* turns a password into tokens; *token* is one that
    it gave already.
    """

    def __init__(
        self,
        transport: Transport,
        identity: Identity,
        *,
        project_id: str | None,
        desk: Desk = _no_desk,
        token: Token | None = None,
    ) -> None:
        self._transport = transport
        self._identity = identity
        self._project_id = project_id
        self._desk = desk
        self._pass = None if token is None else self._pass_of(token, renew_at=token.renew_at)
        self._accepted: _Pass | None = None
        self._refused_generation: int | None = None
        self._closed: Failure | None = None
        self._miss: Failure | None = None
        self._is_hushed = False
        self.skew_s: float | None = None
        """How far this machine's clock was ahead of the server's when it was last measured, in seconds."""

    @property
    def expires_at(self) -> float | None:
        """When the credentials that were accepted last expire, Unix time; None: no end of them is known."""
        return None if self._accepted is None else self._accepted.expires_at

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
        usable = self._usable()
        if usable is None:
            answer = await self._in_turn(request, read)
        else:
            answer = await self._sent(request, read, usable)
            if _is_refusal(answer):
                async with self._identity.alone:
                    return await self._settled(answer)
        return await self.ask(request, read) if answer is None else answer

    async def _in_turn(self, request: Request, read: Callable[[Answer], T | Failure]) -> Reply[T] | Failure | None:
        """Wait until nobody else tries the credentials, and try them if need be; None: nothing was sent."""
        miss = self._miss
        async with self._identity.alone:
            if self._miss is not None and self._miss is not miss:
                # Found out while this request waited; IAM is not asked once for each of those who wait.
                return self._miss
            if self._usable() is None and not self._is_hushed:
                return await self._tried(request, read)
        return None

    def _usable(self) -> _Pass | None:
        """Return what requests may go out with side by side, since one was accepted with it."""
        accepted = self._accepted
        if accepted is None or self._closed is not None or self._identity.is_past(accepted.renew_at):
            return None
        return accepted if self._identity.is_in_force(accepted.generation) else None

    async def _tried(self, request: Request, read: Callable[[Answer], T | Failure]) -> Reply[T] | Failure | None:
        """Send *request* to find out whether the credentials are accepted; nobody else sends meanwhile.

        None: it was withdrawn before it was sent.
        """
        ready = await self._ready()
        if isinstance(ready, Failure):
            return ready
        answer = await self._sent(request, read, ready)
        return await self._settled(answer) if _is_refusal(answer) else answer

    async def _sent(
        self, request: Request, read: Callable[[Answer], T | Failure], using: _Pass
    ) -> Reply[T] | Failure | None:
        """Send *request*; None: by the time there was a connection, *using* was refused, or all is hushed."""

        def is_wanted() -> bool:
            is_refused = self._closed is not None or self._identity.is_refused(using.generation)
            return not self._is_hushed and not is_refused

        started = time.perf_counter()
        try:
            answer = await self._transport.send(request, using.auth(request), using.secrets, is_wanted=is_wanted)
        except WithdrawnError:
            return None
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
        self._accept(using)
        return Reply(value=value, http_status=answer.status, request_id=request_id(answer), duration_s=duration_s)

    def _take_note(self, failure: Failure, answer: Answer, using: _Pass) -> None:
        if shows_acceptance(failure):
            self._accept(using)
        elif is_of_other_project(failure):
            # The token is good, and of no use here: what other endpoints do with it is their business.
            self._closed = failure
        elif is_refused(failure):
            self._measure(answer)
            self._suspect(failure, using)

    def _accept(self, using: _Pass) -> None:
        if using is not self._pass:
            return
        self._accepted = using
        self._refused_generation = None
        self._identity.accepted(using.generation)

    def _suspect(self, failure: Failure, using: _Pass) -> None:
        earlier = self._refused_generation
        self._refused_generation = using.generation
        is_repeated = earlier is not None and earlier < using.generation
        self._identity.suspect(using.generation, Refusal(failure=failure, skew_s=self.skew_s, is_repeated=is_repeated))

    def _measure(self, answer: Answer) -> None:
        told = http_date(answer.headers.get("Date", ""))
        if told is not None and answer.received_at is not None:
            self.skew_s = answer.received_at - told

    async def _settled(self, refused: Failure) -> Failure:
        if self._closed is not None:
            return refused
        await self._identity.settle()
        return self._identity.verdict(refused)

    async def _ready(self) -> _Pass | Failure:
        """Return what to try the credentials with, renewed if that is due; or why nothing is sent."""
        identity = self._identity
        await identity.settle()
        await identity.refresh()
        if identity.closed is not None:
            return identity.closed
        if self._closed is not None:
            return unsent(self._closed)
        current = self._pass
        if current is not None and current.generation == identity.generation:
            return await self._prolonged(current) if identity.is_past(current.renew_at) else current
        made = await self._made()
        if isinstance(made, EnforcerError):
            self._miss = Failure(
                kind=_KINDS.get(type(made), FailureKind.NOT_SENT), message=made.message, hint=made.hint
            )
            if self._miss.kind is FailureKind.DENIED:
                identity.close(self._miss)
            return self._miss
        return made

    async def _prolonged(self, current: _Pass) -> _Pass:
        """Return a successor of *current*, whose end is near, or *current* if there is none yet."""
        made = await self._made()
        if isinstance(made, _Pass):
            return made
        # A password that is refused is not shown again before it has to be: that would lock the user.
        is_refused_there = isinstance(made, DeniedError)
        self._pass = replace(current, renew_at=None if is_refused_there else self._identity.clock() + AGAIN_S)
        return self._pass

    async def _made(self) -> _Pass | EnforcerError:
        credentials = self._identity.credentials
        if not isinstance(credentials, Password):
            self._pass = self._pass_of(credentials, renew_at=None)
            return self._pass
        try:
            token, _ = await self._desk(credentials)
        except EnforcerError as error:
            return error
        self._pass = self._pass_of(token, renew_at=token.renew_at)
        return self._pass

    def _pass_of(self, shown: AccessKey | Token, *, renew_at: float | None) -> _Pass:
        if isinstance(shown, AccessKey):
            host, clock = self._transport.host, self._identity.now
            auth = with_key(shown, host=host, project_id=self._project_id, clock=clock)
        else:
            auth = with_token(shown.token, project_id=self._project_id)
        return _Pass(
            generation=self._identity.generation,
            auth=auth,
            secrets=shown.secrets,
            renew_at=renew_at,
            expires_at=shown.expires_at,
        )


def _is_refusal(answer: Reply[Any] | Failure | None) -> TypeGuard[Failure]:
    return isinstance(answer, Failure) and is_refused(answer)
