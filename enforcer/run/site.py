"""What the stages of a run share: a target with its API, its rate and its health, and how the run is conducted."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from enforcer.core.overrides.compiled import NO_OVERRIDES, CompiledOverrides
from enforcer.core.pacing.breaker import Breaker, FirstRefusals, RetryBudget
from enforcer.core.text.skew import ClockWatch
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import (
    BreakerOpened,
    ClockSkewed,
    CredentialsDated,
    CredentialsRefreshed,
    RunStopped,
    TargetRef,
)
from enforcer.model.history import History
from enforcer.ports import TaskApi, Throttle
from enforcer.run.clock import utc_now
from enforcer.run.recording import Recorder
from enforcer.run.stopping import Stop

T = TypeVar("T")

FATAL: dict[FailureKind, ExitCode] = {
    FailureKind.DENIED: ExitCode.DENIED,
    FailureKind.PROTOCOL: ExitCode.PROTOCOL,
    FailureKind.CONFIG: ExitCode.CONFIG,
}
"""Failures that say nothing of a task and everything of the endpoint or the credentials."""

_OUTAGE = frozenset({FailureKind.NOT_SENT, FailureKind.TRANSIENT, FailureKind.LOST})

_STOPPED: Final = "a stop was asked for first"
_PAUSED: Final = "the API asked for a pause first"


def exit_code_of(failure: Failure) -> ExitCode:
    """Return what a run ends with if *failure* keeps it from reading a target."""
    return FATAL.get(failure.kind, ExitCode.UNAVAILABLE)


class Intent(Protocol):
    """What has to be on record before a request leaves."""

    async def record(self) -> None:
        """Return when it is on record."""
        ...

    def withdraw(self, why: str) -> None:
        """Record that nothing was sent, and *why*; nothing happens if there is nothing to take back."""
        ...


class Conduct(Struct, frozen=True, kw_only=True):
    """How a run is carried out, whatever the target."""

    recorder: Recorder
    stop: Stop
    jitter: Callable[[], float]
    """Chance, from 0 up to but not including 1."""
    settle_s: float
    """How long the read-back waits for the API to show a change, in seconds."""
    now: Callable[[], datetime] = utc_now
    """The wall clock that decisions rest on, as an aware time."""
    overrides: Callable[[], CompiledOverrides] = lambda: NO_OVERRIDES
    """Tells the overrides that there are now; raises JournalError if that cannot be told. Asked before every PUT."""
    history: Callable[[TargetRef], History] = lambda _: History()
    """Says what earlier runs did to a place; raises JournalError if that cannot be told."""
    objection: Callable[[], RunStopped | None] = lambda: None
    """Says why the run may not go on: it has lost its lock, or its holder is asked to stop."""
    bugs: list[Exception] = field(default_factory=list)
    """Exceptions that nobody expected, in the order in which they came; each failed one task only."""

    def heed(self) -> None:
        """Stop the run if it may not go on."""
        objection = self.objection()
        if objection is not None:
            self.stop.ask(objection)


class Site(Struct, frozen=True, kw_only=True):
    """One target, connected. Every request to it goes through `send`."""

    ref: TargetRef
    api: TaskApi
    throttle: Throttle
    conduct: Conduct
    stop: Stop
    """Stops this target: asked by the run's own stop, or by itself."""
    budget: RetryBudget = field(default_factory=RetryBudget)
    refusals: FirstRefusals = field(default_factory=FirstRefusals)
    """Told of each change that goes through: refusals after that are those of single tasks."""
    _breaker: Breaker = field(default_factory=Breaker)
    _clock: ClockWatch = field(default_factory=ClockWatch)
    _ends_told: set[float] = field(default_factory=set)
    _when_paused: list[Callable[[str], None]] = field(default_factory=list)

    async def send(
        self, request: Callable[[], Awaitable[Reply[T] | Failure] | None], intent: Intent | None = None
    ) -> Reply[T] | Failure | None:
        """Make *request* when the throttle permits, with its *intent* on record, and return what came of it.

        None: a stop came first, or *request* thought better of it. What the intent's `record` raises is raised.
        The permit comes last, so that nothing lies between it and the wire.
        """
        record = None if intent is None else intent.record
        while (started := await self.throttle.permit(record)) is None:
            if self._is_over(intent):
                return None
        answer: Reply[T] | Failure | None = None
        try:
            leaving = request()
            if leaving is not None:
                answer = await leaving
        finally:
            self.throttle.heard(started, answer)
        self._look_around()
        if isinstance(answer, Reply):
            self.budget.succeeded()
            self._breaker.succeeded()
        elif answer is not None and answer.kind is FailureKind.WITHDRAWN:
            _withdraw(intent, _STOPPED)
            answer = None
        elif answer is not None:
            self._failed(answer)
        return answer

    def _is_over(self, intent: Intent | None) -> bool:
        """Return whether a stop is what keeps a request from leaving, not a pause that the API has asked for.

        Its *intent* is withdrawn in either case: after a crash in a pause of minutes nobody should have to wonder.
        """
        is_over = self.stop.is_set
        _withdraw(intent, _STOPPED if is_over else _PAUSED)
        return is_over

    def when_paused(self, listener: Callable[[str], None]) -> None:
        """Call *listener*, with a reason, whenever the API asks for a pause, whatever the request."""
        self._when_paused.append(listener)

    def change_was_refused(self, failure: Failure) -> None:
        """Stop the target when its first changes are all refused alike: the cause is not in the tasks."""
        if not self.refusals.refused(failure.http_status, failure.error_code):
            return
        is_forbidden = failure.http_status == 403
        self.halt(
            RunStopped(
                exit_code=ExitCode.DENIED if is_forbidden else ExitCode.ABORTED,
                target=self.ref.name,
                message=f"the first changes were all refused alike: {failure.message}",
                hint=failure.hint,
            )
        )

    def stop_for(self, failure: Failure) -> None:
        """Stop for a FATAL *failure*: the whole run if credentials are refused, else this target."""
        cause = RunStopped(
            exit_code=FATAL[failure.kind], target=self.ref.name, message=failure.message, hint=failure.hint
        )
        if failure.kind is FailureKind.DENIED:
            # Every target has the same credentials, and a few more refusals would lock the key for everybody.
            self.conduct.stop.ask(replace(cause, target=None))
        else:
            self.halt(cause)

    def halt(self, cause: RunStopped) -> None:
        """Stop this target for *cause*, once, and record it."""
        if not self.stop.is_set:
            self.conduct.recorder.emit(cause)
            self.stop.ask(cause)

    def _look_around(self) -> None:
        """Record what the API has found out by the way, once: that a clock is off, and when the credentials end."""
        skew_s, expires_at = self.api.skew_s, self.api.expires_at
        if skew_s is not None and self._clock.is_news(skew_s):
            self.conduct.recorder.emit(ClockSkewed(target=self.ref.name, skew_s=round(skew_s, 1)))
        if expires_at is not None and expires_at not in self._ends_told:
            self._ends_told.add(expires_at)
            self.conduct.recorder.emit(CredentialsDated(target=self.ref.name, expires_at=expires_at))

    def _failed(self, failure: Failure) -> None:
        if failure.kind is FailureKind.RENEWED:
            self.conduct.recorder.emit(CredentialsRefreshed(target=self.ref.name, message=failure.message))
        elif failure.kind is FailureKind.THROTTLED:
            for listener in self._when_paused:
                listener(_PAUSED)
        else:
            self._count(failure)

    def _count(self, failure: Failure) -> None:
        why = self._breaker.failed(is_outage=failure.kind in _OUTAGE)
        if why is None or self.stop.is_set:
            return
        self.conduct.recorder.emit(BreakerOpened(target=self.ref.name, message=why))
        self.halt(
            RunStopped(
                exit_code=ExitCode.ABORTED,
                target=self.ref.name,
                message=f"{why}; the last one: {failure.message}",
                hint="Run the same command again when the API is well: what is already right is not sent again.",
            )
        )


def _withdraw(intent: Intent | None, why: str) -> None:
    if intent is not None:
        intent.withdraw(why)
