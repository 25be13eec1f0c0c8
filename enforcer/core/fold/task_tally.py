"""What becomes of one planned change, event by event. Lives for one fold only.

Knows nothing of other changes, targets, runs or formats.
"""

from typing import TypeAlias, assert_never

from msgspec import Struct

from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeDeferred,
    ChangeFailed,
    ChangeFlagged,
    ChangeGone,
    ChangeLost,
    ChangeMismatched,
    ChangePlanned,
    ChangeRated,
    ChangeRecalled,
    ChangeSkipped,
    ChangeVerified,
    ChangeWithdrawn,
)
from enforcer.model.report.task import Attempt, State, TaskReport
from enforcer.model.task import ResumeMode

Answer: TypeAlias = AttemptFailed | ChangeAcked | ChangeFailed | ChangeLost | ChangeGone
"""What can come of an attempt."""
_Unsent: TypeAlias = ChangeSkipped | ChangeDeferred | ChangeFlagged
_UNSENT: dict[type[_Unsent], State] = {ChangeSkipped: State.SKIPPED, ChangeDeferred: State.DEFERRED}
"""A flagged change stays what it was: that the plan is refused is said of the whole run."""
_Way: TypeAlias = ChangeRated | ChangeAttempted | ChangeWithdrawn | ChangeRecalled
ChangeEvent: TypeAlias = Answer | _Unsent | _Way | ChangeVerified | ChangeMismatched
"""What can become of a planned change."""

REMEMBERED = 20
"""Earlier attempts of a change that are reported: throttled ones cost nothing, so there may be very many."""


_ENDS: dict[type[ChangeEvent], State] = {
    ChangeFailed: State.FAILED,
    ChangeLost: State.UNKNOWN,
    ChangeGone: State.GONE,
}


class TaskTally(Struct, kw_only=True):
    """
    One planned change. Its state follows from its last event.

    An attempt that nothing followed is *unknown*: the process may have died before or after the request left.
    An attempt that failed and was to be repeated is *failed*, unless it or one before it was lost: then an earlier
    request may have done its work, and it stays *unknown* until a read tells. ChangeFailed is taken at its word.
    Once it is recalled, all that follows tells of the way back, and every reason says so.
    """

    planned: ChangePlanned
    state: State = State.NOT_ATTEMPTED
    reason: str | None = None
    observed: ResumeMode | None = None
    attempts: int = 0
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float | None = None
    _started_at: float | None = None
    _failed: AttemptFailed | None = None
    """How the last attempt ended, if that is known and another was to follow."""
    _earlier: tuple[tuple[float, AttemptFailed | None], ...] = ()
    """When each earlier attempt started, and how it ended."""
    _rated: ChangeRated | None = None
    _recalled: ChangeRecalled | None = None
    _before: tuple[State, str | None] = (State.NOT_ATTEMPTED, None)
    """The state and its reason before the last attempt."""
    _in_flight: bool = False
    _may_have_happened: bool = False

    @property
    def is_recalled(self) -> bool:
        """Whether it was sent and then to be taken back."""
        return self._recalled is not None

    @property
    def in_flight_since(self) -> float | None:
        """When the attempt was recorded to which no answer is known yet; None: there is none."""
        return self._started_at if self._in_flight else None

    def take(self, event: ChangeEvent, at: float) -> Answer | None:
        """Take what happened to the change at *at*; return it if it is the answer to the attempt in flight."""
        match event:
            # The three of every change come first: there are many, and cases are tried in turn.
            case ChangeAttempted():
                self._attempted(at)
            case ChangeAcked() | AttemptFailed() | ChangeFailed() | ChangeLost() | ChangeGone():
                answer = event if self._answered(event) else None
                self._come_to(event)
                return answer
            case ChangeVerified():
                self.observed = event.observed
                self._become(State.REVERTED if self._recalled else State.VERIFIED, None)
            case ChangeRated() | ChangeWithdrawn() | ChangeRecalled():
                self._take_aside(event)
            case ChangeSkipped() | ChangeDeferred() | ChangeFlagged():
                self._become(_UNSENT.get(type(event), self.state), event.reason)
            case ChangeMismatched():
                self.observed = event.observed
                self._become(State.MISMATCH, f"read back as {event.observed or 'a task without a mode'}")
            case _:
                assert_never(event)
        return None

    def report(self, run_started_at: float, stop: str | None) -> TaskReport:
        """Return what became of the change; *stop* says why nothing more was sent to its target, if so."""
        planned, rated = self.planned, self._rated
        return TaskReport(
            task_id=planned.task_id,
            task_name=planned.task_name,
            before=planned.before,
            desired=planned.desired,
            observed_after=self.observed,
            rule=planned.rule,
            origin=planned.origin,
            rule_reason=planned.reason,
            wave=rated.wave if rated else None,
            risk=rated.risk if rated else None,
            risk_reasons=rated.reasons if rated else (),
            state=self.state,
            reason=self.reason or (stop if self.state is State.NOT_ATTEMPTED else None),
            attempts=self.attempts,
            http_status=self.http_status,
            error_code=self.error_code,
            request_id=self.request_id,
            duration_ms=self.duration_ms,
            started_s=None if self._started_at is None else round(self._started_at - run_started_at, 3),
            earlier=tuple(_attempt(at - run_started_at, failed) for at, failed in self._earlier),
        )

    def _come_to(self, event: Answer) -> None:
        match event:
            case ChangeAcked():
                self._become(State.ACKED, "the API took it; it was not read back" if self._recalled else None)
            case AttemptFailed():
                self._may_have_happened |= event.failure == FailureKind.LOST
                self._become(State.UNKNOWN if self._may_have_happened else State.FAILED, event.message)
            case _:
                self._become(_ENDS[type(event)], event.message)

    def _become(self, state: State, reason: str | None) -> None:
        if self._recalled:
            done = f"set back to {self._recalled.desired}: the gate of wave {self._recalled.wave} failed"
            reason = done if state is State.REVERTED else f"to be {done}; {reason}"
            # That the way back failed means that the change did happen.
            state = State.MISMATCH if state is State.FAILED else state
        self.state, self.reason = state, reason

    def _take_aside(self, event: ChangeRated | ChangeWithdrawn | ChangeRecalled) -> None:
        match event:
            case ChangeRated():
                self._rated = event
            case ChangeWithdrawn():
                self._withdraw()
            case ChangeRecalled():
                self._recall(event)

    def _recall(self, event: ChangeRecalled) -> None:
        """Begin the way back. Until a request of it is recorded, the change is where it was."""
        self._recalled = event
        self._in_flight = self._may_have_happened = False
        self._become(self.state, "no request is recorded")

    def _attempted(self, at: float) -> None:
        if self._started_at is not None:
            self._earlier = (*self._earlier[1 - REMEMBERED :], (self._started_at, self._failed))
            self._failed = self.http_status = self.error_code = self.request_id = self.duration_ms = None
        self._started_at = at
        self.attempts += 1
        self._may_have_happened |= self._in_flight
        self._in_flight = True
        self._before = self.state, self.reason
        self._become(State.UNKNOWN, "the request was started; no answer to it is recorded")

    def _withdraw(self) -> None:
        """Take back the attempt in flight: the change is where the one before it left it."""
        if not self._in_flight:
            return
        self._in_flight = False
        self.attempts -= 1
        self._started_at, self._failed = self._earlier[-1] if self._earlier else (None, None)
        self._earlier = self._earlier[:-1]
        if self._failed is not None:
            self.http_status, self.error_code = self._failed.http_status, self._failed.error_code
            self.request_id, self.duration_ms = self._failed.request_id, self._failed.duration_ms or None
        self.state, self.reason = self._before

    def _answered(self, event: Answer) -> bool:
        """
        Take the answer to the attempt in flight; return whether *event* is one.

        An attempt has one answer: what follows it (a stop during the wait for the next attempt, the read-back) tells
        of the change, not of another request.
        """
        if not self._in_flight:
            return False
        self._in_flight = False
        self.http_status, self.request_id = event.http_status, event.request_id
        if isinstance(event, ChangeAcked):
            if event.by_read_back:
                return False  # the read told of the change; this attempt itself was not answered
        else:
            self.error_code = event.error_code
            if isinstance(event, ChangeGone):
                return True
            if isinstance(event, AttemptFailed):
                self._failed = event
        self.duration_ms = event.duration_ms or None
        return True


def _attempt(started_s: float, failed: AttemptFailed | None) -> Attempt:
    started_s = round(started_s, 3)
    if failed is None:
        return Attempt(started_s=started_s)
    return Attempt(
        started_s=started_s,
        failure=failed.failure,
        message=failed.message,
        http_status=failed.http_status,
        error_code=failed.error_code,
        request_id=failed.request_id,
        duration_ms=failed.duration_ms or None,
        wait_s=failed.wait_s,
    )
