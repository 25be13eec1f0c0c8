"""The running counts behind `core.summary`: one per planned change, one per target. They live for one fold only.

They know nothing of runs, exit codes or formats.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, assert_never

from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeFailed,
    ChangeGone,
    ChangeLost,
    ChangeMismatched,
    ChangePlanned,
    ChangeSkipped,
    ChangeVerified,
    InventoryListed,
    LeftCount,
    PlanBuilt,
    RequestRetried,
    TargetRef,
)
from enforcer.model.report import (
    InventoryReport,
    Latency,
    RateReport,
    Requests,
    State,
    TargetReport,
    TaskReport,
    Totals,
)
from enforcer.model.task import ResumeMode

UNDECIDED = "not decided"
"""Why a listed task is left alone while its target's plan is not complete."""

_Answer: TypeAlias = AttemptFailed | ChangeAcked | ChangeFailed | ChangeLost | ChangeGone
ChangeEvent: TypeAlias = _Answer | ChangeSkipped | ChangeAttempted | ChangeVerified | ChangeMismatched
"""What can become of a planned change."""


@dataclass(slots=True, kw_only=True)
class TaskTally:
    """
    One planned change. Its state follows from its last event.

    An attempt that nothing followed is *unknown*: the process may have died before or after the request left.
    An attempt that failed and was to be repeated is *failed*, unless it or one before it was lost: then an earlier
    request may have done its work, and it stays *unknown* until a read tells. ChangeFailed is taken at its word.
    """

    planned: ChangePlanned
    state: State = State.NOT_ATTEMPTED
    reason: str | None = None
    observed: ResumeMode | None = None
    attempts: int = 0
    throttled: int = 0
    latencies_ms: list[float] = field(default_factory=list)
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float | None = None
    _in_flight: bool = False
    _may_have_happened: bool = False

    def take(self, event: ChangeEvent) -> None:
        match event:
            case ChangeAttempted():
                self._attempted()
            case AttemptFailed():
                self._answered(event)
                self._may_have_happened |= event.failure == FailureKind.LOST
                self._become(State.UNKNOWN if self._may_have_happened else State.FAILED, event.message)
            case ChangeAcked():
                self._answered(event)
                self._become(State.ACKED, None)
            case ChangeFailed():
                self._answered(event)
                self._become(State.FAILED, event.message)
            case ChangeLost():
                self._answered(event)
                self._become(State.UNKNOWN, event.message)
            case ChangeGone():
                self._answered(event)
                self._become(State.GONE, event.message)
            case ChangeSkipped():
                self._become(State.SKIPPED, event.reason)
            case ChangeVerified():
                self.observed = event.observed
                self._become(State.VERIFIED, None)
            case ChangeMismatched():
                self.observed = event.observed
                self._become(State.MISMATCH, f"read back as {event.observed or 'a task without a mode'}")
            case _:
                assert_never(event)

    def report(self) -> TaskReport:
        planned = self.planned
        return TaskReport(
            task_id=planned.task_id,
            task_name=planned.task_name,
            before=planned.before,
            desired=planned.desired,
            observed_after=self.observed,
            rule=planned.rule,
            origin=planned.origin,
            rule_reason=planned.reason,
            state=self.state,
            reason=self.reason,
            attempts=self.attempts,
            http_status=self.http_status,
            error_code=self.error_code,
            request_id=self.request_id,
            duration_ms=self.duration_ms,
        )

    def _become(self, state: State, reason: str | None) -> None:
        self.state, self.reason = state, reason

    def _attempted(self) -> None:
        self.attempts += 1
        self._may_have_happened |= self._in_flight
        self._in_flight = True
        self.http_status = self.error_code = self.request_id = self.duration_ms = None
        self._become(State.UNKNOWN, "the request was started; no answer to it is recorded")

    def _answered(self, event: _Answer) -> None:
        """
        Take the answer to the attempt in flight.

        An attempt has one answer: what follows it (a stop during the wait for the next attempt, the read-back) tells
        of the change, not of another request.
        """
        if not self._in_flight:
            return
        self._in_flight = False
        self.http_status, self.request_id = event.http_status, event.request_id
        if not isinstance(event, ChangeAcked):
            self.error_code = event.error_code
        if isinstance(event, AttemptFailed | ChangeFailed):
            self.throttled += event.failure == FailureKind.THROTTLED
        if not isinstance(event, ChangeGone):
            self.duration_ms = event.duration_ms or None
            if event.http_status is not None:
                self.latencies_ms.append(event.duration_ms)


@dataclass(slots=True, kw_only=True)
class TargetTally:
    """One target: its list, its plan, its changes in plan order, and what it was asked."""

    ref: TargetRef
    tasks: dict[str, TaskTally] = field(default_factory=dict)
    _inventory: InventoryListed | None = None
    _plan: PlanBuilt | None = None
    _lists: int = 0
    _shows: int = 0
    _throttled: int = 0
    _reads_retried: int = 0
    _puts: int = 0
    _puts_retried: int = 0
    _first_put_at: float = 0.0
    _last_put_at: float = 0.0

    def listed(self, event: InventoryListed) -> None:
        self._lists += event.pages
        self._shows += event.shows
        if not event.read_back:
            self._inventory = event

    def retried(self, event: RequestRetried) -> None:
        self._reads_retried += 1
        self._throttled += event.failure == FailureKind.THROTTLED
        if event.call == "list":
            self._lists += 1
        else:
            self._shows += 1

    def built(self, event: PlanBuilt) -> None:
        self._plan = event

    def attempted(self, event: ChangeAttempted, at: float) -> None:
        if not self._puts:
            self._first_put_at = at
        self._last_put_at = at
        self._puts += 1
        self._puts_retried += event.attempt > 1

    def report(self) -> TargetReport:
        ref, inventory = self.ref, self._inventory
        left = self._left()
        return TargetReport(
            name=ref.name,
            region=ref.region,
            endpoint=ref.endpoint,
            project_id=ref.project_id,
            inventory=None
            if inventory is None
            else InventoryReport(count=inventory.count, stable=inventory.stable, pages=inventory.pages),
            totals=self._totals(left),
            left=left,
            requests=Requests(
                list=self._lists,
                show=self._shows,
                put=self._puts,
                retries=self._reads_retried + self._puts_retried,
                throttled=self._throttled + sum(task.throttled for task in self.tasks.values()),
            ),
            rate=RateReport(asked_per_s=ref.rate_per_s, effective_per_s=self._effective_per_s()),
            latency_ms=_latency(duration for task in self.tasks.values() for duration in task.latencies_ms),
            tasks=tuple(task.report() for task in self.tasks.values()),
        )

    def _left(self) -> tuple[LeftCount, ...]:
        if self._plan is not None:
            return self._plan.left
        listed = 0 if self._inventory is None else self._inventory.tasks
        undecided = listed - len(self.tasks)
        return (LeftCount(reason=UNDECIDED, count=undecided),) if undecided > 0 else ()

    def _totals(self, left: Iterable[LeftCount]) -> Totals:
        """Until the plan is complete, what is known of it so far counts as all of it."""
        plan, recorded = self._plan, len(self.tasks)
        states = Counter(task.state.value for task in self.tasks.values())
        left_alone = sum(each.count for each in left)
        return Totals(
            listed=recorded + left_alone if plan is None else plan.listed,
            eligible=recorded if plan is None else plan.eligible,
            in_sync=0 if plan is None else plan.in_sync,
            left=left_alone,
            planned=recorded if plan is None else plan.planned,
            **states,
        )

    def _effective_per_s(self) -> float | None:
        elapsed = self._last_put_at - self._first_put_at
        if elapsed <= 0:  # fewer than two, or the wall clock was set back
            return None
        return float(f"{(self._puts - 1) / elapsed:.4g}")


def _latency(durations_ms: Iterable[float]) -> Latency:
    ordered = sorted(durations_ms)
    return Latency(p50=_percentile(ordered, 50), p95=_percentile(ordered, 95), p99=_percentile(ordered, 99))


def _percentile(ordered: Sequence[float], percent: int) -> float | None:
    """Return the smallest value that at least *percent* of all do not exceed (nearest rank); None of no values."""
    return round(ordered[math.ceil(len(ordered) * percent / 100) - 1], 1) if ordered else None
