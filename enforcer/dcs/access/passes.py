"""What the requests to one endpoint go out with: made of the credentials in force, accepted, refused, prolonged.

What a request is about is not known here, nor how it travels.
"""

from dataclasses import dataclass, field, replace
from typing import Final

from enforcer.dcs.access.auth import Auth, with_key, with_token
from enforcer.dcs.access.identity import AccessKey, Password, Token
from enforcer.dcs.access.refusal import Refusal, unsent
from enforcer.dcs.access.renewal import AGAIN_S, Desk, Identity
from enforcer.errors import ConfigError, DeniedError, EnforcerError, ProtocolError
from enforcer.model.answer import Failure, FailureKind

# The others mean that IAM could not be asked; then nothing of the request itself was sent.
_KINDS: Final = {
    DeniedError: FailureKind.DENIED,
    ConfigError: FailureKind.CONFIG,
    ProtocolError: FailureKind.PROTOCOL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Pass:
    """What requests go out with, as long as *generation* of the credentials is in force."""

    generation: int
    auth: Auth = field(repr=False)
    secrets: tuple[str, ...] = field(repr=False)
    renew_at: float | None
    expires_at: float | None = None


async def no_desk(_password: Password) -> tuple[Token, str]:
    raise ConfigError("the credentials became a password, and IAM is not known here")


class Passes:
    """
    Those of *host*, the endpoint's Host header, for *identity*.

    *project_id* goes with signatures and tokens. *desk* turns a password into tokens; *token* is one that
    it gave already. Whoever awaits `ready` or `settled` holds `Identity.alone`.
    """

    def __init__(
        self, identity: Identity, *, host: str, project_id: str | None, desk: Desk, token: Token | None
    ) -> None:
        self._identity = identity
        self._host = host
        self._project_id = project_id
        self._desk = desk
        self._current = None if token is None else self._pass_of(token, renew_at=token.renew_at)
        self._accepted: Pass | None = None
        self._refused_generation: int | None = None
        self._closed: Failure | None = None
        self.miss: Failure | None = None
        """Why there was no pass when one was last asked for in vain; None: that has not happened."""

    @property
    def expires_at(self) -> float | None:
        """When the credentials that were accepted last expire, Unix time; None: no end of them is known."""
        return None if self._accepted is None else self._accepted.expires_at

    def usable(self) -> Pass | None:
        """Return what requests may go out with side by side, since one was accepted with it."""
        accepted = self._accepted
        if accepted is None or self._closed is not None or self._identity.is_past(accepted.renew_at):
            return None
        return accepted if self._identity.is_in_force(accepted.generation) else None

    def is_refused(self, used: Pass) -> bool:
        """Whether *used*, or all that could be shown to this endpoint, was refused meanwhile."""
        return self._closed is not None or self._identity.is_refused(used.generation)

    async def ready(self) -> Pass | Failure:
        """Return what to try the credentials with, renewed if that is due; or why nothing is sent."""
        identity = self._identity
        await identity.settle()
        await identity.refresh()
        if identity.closed is not None:
            return identity.closed
        if self._closed is not None:
            return unsent(self._closed)
        current = self._current
        if current is not None and current.generation == identity.generation:
            return await self._prolonged(current) if identity.is_past(current.renew_at) else current
        made = await self._made()
        if isinstance(made, EnforcerError):
            self.miss = Failure(kind=_KINDS.get(type(made), FailureKind.NOT_SENT), message=made.message, hint=made.hint)
            if self.miss.kind is FailureKind.DENIED:
                identity.close(self.miss)
            return self.miss
        return made

    def accept(self, used: Pass) -> None:
        """Take note that a request's credentials were accepted with *used*."""
        if used is not self._current:
            return
        self._accepted = used
        self._refused_generation = None
        self._identity.accepted(used.generation)

    def suspect(self, used: Pass, failure: Failure, *, skew_s: float | None) -> None:
        """Take note that *used* was refused with *failure*, while this machine's clock was *skew_s* ahead."""
        earlier = self._refused_generation
        self._refused_generation = used.generation
        is_repeated = earlier is not None and earlier < used.generation
        self._identity.suspect(used.generation, Refusal(failure=failure, skew_s=skew_s, is_repeated=is_repeated))

    def close(self, failure: Failure) -> None:
        """Have nothing more for this endpoint, because of *failure*; other endpoints are not concerned."""
        self._closed = failure

    async def settled(self, refused: Failure) -> Failure:
        """Return what *refused*, a request's failure, comes to: RENEWED if there are others now, else DENIED."""
        if self._closed is not None:
            return refused
        await self._identity.settle()
        return self._identity.verdict(refused)

    async def _prolonged(self, current: Pass) -> Pass:
        """Return a successor of *current*, whose end is near, or *current* if there is none yet."""
        made = await self._made()
        if isinstance(made, Pass):
            return made
        # A password that is refused is not shown again before it has to be: that would lock the user.
        is_refused_there = isinstance(made, DeniedError)
        self._current = replace(current, renew_at=None if is_refused_there else self._identity.clock() + AGAIN_S)
        return self._current

    async def _made(self) -> Pass | EnforcerError:
        credentials = self._identity.credentials
        if not isinstance(credentials, Password):
            self._current = self._pass_of(credentials, renew_at=None)
            return self._current
        try:
            token, _ = await self._desk(credentials)
        except EnforcerError as error:
            return error
        self._current = self._pass_of(token, renew_at=token.renew_at)
        return self._current

    def _pass_of(self, shown: AccessKey | Token, *, renew_at: float | None) -> Pass:
        if isinstance(shown, AccessKey):
            auth = with_key(shown, host=self._host, project_id=self._project_id, clock=self._identity.now)
        else:
            auth = with_token(shown.token, project_id=self._project_id)
        return Pass(
            generation=self._identity.generation,
            auth=auth,
            secrets=shown.secrets,
            renew_at=renew_at,
            expires_at=shown.expires_at,
        )
