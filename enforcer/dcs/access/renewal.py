"""Who asks, for all targets of a run: the credentials in force, and what is done when they are refused.

It sends nothing and knows no endpoint. More than five failures in a row lock an access key for everybody who
uses it, so that credentials are tried by one request alone before many go out with them, are read again once
for all, and are given up when what was read again is refused too.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias

from msgspec.structs import replace

from enforcer.core.text.skew import skew_text
from enforcer.dcs.access import refusal
from enforcer.dcs.access.identity import AccessKey, Credentials, Password, Token, differ
from enforcer.dcs.access.refusal import Refusal
from enforcer.dcs.aside import aside
from enforcer.errors import EnforcerError
from enforcer.model.answer import Failure, FailureKind

LONGEST_LOOK_S: Final = 20.0
"""A source that takes longer to be read again has nothing: the end of a run would wait for it."""

AGAIN_S: Final = 60.0
"""How long after a renewal ahead of time that brought nothing the next one is tried."""


Desk: TypeAlias = Callable[[Password], Awaitable[tuple[Token, str]]]
"""Asks IAM for a token and its project; raises EnforcerError."""


class Identity:
    """
    The credentials of a run, shared by its targets; made outside of a loop or in it.

    *find_again* looks for credentials where these were found; it may block and raise EnforcerError. Without
    it there is nothing to renew a key or token from. *clock* gives the Unix time.

    What changes does so while `alone` is held, but for `suspect`, which only says that it has to.
    """

    def __init__(
        self,
        credentials: Credentials,
        find_again: Callable[[], Credentials] | None = None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.credentials = credentials
        self.generation = 0
        """Counts what was in force; a request that went out with an older one says nothing of the present one."""
        self.alone = asyncio.Lock()
        """Held by whoever sends the one request that tries the credentials, or renews them."""
        self.clock = clock
        self._find_again = find_again or (lambda: credentials)
        self._correction_s = 0.0
        self._pending: Refusal | None = None
        self._closed: Failure | None = None
        self._news = ""
        self._strikes = 0
        self._renew_at = credentials.renew_at

    @property
    def source(self) -> str:
        """The name in `SOURCES` of where the credentials come from."""
        return self.credentials.source

    @property
    def closed(self) -> Failure | None:
        """What to answer instead of sending anything, once the credentials were given up."""
        return None if self._closed is None else refusal.unsent(self._closed)

    def now(self) -> float:
        """Return the Unix time to sign with: this machine's, or the server's if they were found to differ."""
        return self.clock() + self._correction_s

    def is_past(self, moment: float | None) -> bool:
        return moment is not None and self.clock() >= moment

    def is_in_force(self, generation: int) -> bool:
        """Whether requests may go out with what *generation* was accepted as."""
        return not self.is_refused(generation) and not self.is_past(self._renew_at)

    def is_refused(self, generation: int) -> bool:
        """Whether *generation* was refused, be it dealt with or not, or is no longer the one to use."""
        return generation != self.generation or self._pending is not None or self._closed is not None

    def accepted(self, generation: int) -> None:
        if generation == self.generation:
            self._strikes = 0

    def suspect(self, generation: int, refused: Refusal) -> None:
        """Hold new requests until `settle` has dealt with *refused*; of an older generation it is no news."""
        if generation == self.generation and self._pending is None:
            self._pending = refused

    async def settle(self) -> None:
        """Deal with a refusal that is pending: renew what was refused, or give it up. `alone` is held."""
        if self._pending is None:
            return
        failure, skew_s = self._pending.failure, self._pending.skew_s
        if refusal.is_locked(failure):
            self.close(replace(failure, hint=refusal.locked_hint(self.clock())))
        elif self._strikes or self._pending.is_repeated:
            self.close(_with_skew(failure, skew_s))
        elif skew_s is not None and self._can_correct(failure, skew_s):
            self._correction_s = -skew_s
            self._adopt(self.credentials, f"{skew_text(skew_s)}; requests are signed with the server's time")
        else:
            await self._renew(_with_skew(failure, skew_s))
        self._strikes += 1
        self._pending = None

    async def refresh(self) -> None:
        """Renew credentials whose end is near; without others they stay in force. `alone` is held."""
        if not self.is_past(self._renew_at):
            return
        found, _ = await self._look()
        if found is not None and differ(found, self.credentials):
            self._adopt(found, f"the credentials were renewed from {found.source}")
        if self.is_past(self._renew_at):
            self._renew_at = self.clock() + AGAIN_S

    def verdict(self, failure: Failure) -> Failure:
        """Return what *failure*, a refusal that is settled, comes to: DENIED, or RENEWED and worth another try."""
        if self._closed is not None:
            return replace(failure, hint=self._closed.hint)
        return replace(failure, kind=FailureKind.RENEWED, message=self._news, hint=None)

    def close(self, failure: Failure) -> None:
        """Give the credentials up because of *failure*, for everyone and for good."""
        self._closed = failure

    async def _renew(self, failure: Failure) -> None:
        found, problem = await self._look()
        if isinstance(found, Password):
            self._adopt(found, "the token was given up, and IAM is asked for another")
        elif found is not None and differ(found, self.credentials):
            self._adopt(found, f"the credentials were renewed from {found.source}")
        elif problem is None:
            self.close(failure)
        else:
            self.close(replace(failure, hint=f"They could not be read again: {problem}"))

    async def _look(self) -> tuple[Credentials | None, str | None]:
        """Return what the source has now, or None and why it has nothing."""
        try:
            async with asyncio.timeout(LONGEST_LOOK_S):
                return await aside(self._find_again), None
        except EnforcerError as error:
            return None, error.message
        except TimeoutError:
            return None, f"the source {self.source} gave no answer within {LONGEST_LOOK_S:g} s"

    def _can_correct(self, failure: Failure, skew_s: float) -> bool:
        is_signed = isinstance(self.credentials, AccessKey)
        return is_signed and refusal.is_of_time(failure) and abs(skew_s) > refusal.SKEW_ALLOWED_S

    def _adopt(self, credentials: Credentials, news: str) -> None:
        self.credentials = credentials
        self.generation += 1
        self._renew_at = credentials.renew_at
        self._news = news


def _with_skew(failure: Failure, skew_s: float | None) -> Failure:
    if skew_s is None or not refusal.is_of_time(failure):
        return failure
    return replace(failure, hint=refusal.time_hint(skew_s))
