"""What a target was asked and what its list and plan come to. Lives for one fold only.

Knows nothing of runs, exit codes or formats.
"""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import TypeAlias

from msgspec import Struct, field

from enforcer.core.fold.task_tally import Answer, TaskTally
from enforcer.core.fold.timeline import Moments, latency, timeline
from enforcer.core.fold.wave_tally import WaveEvent, WaveTally
from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeFailed,
    ChangeGone,
    ChangeWithdrawn,
    ChangeWithheld,
    ClockSkewed,
    InventoryCompared,
    InventoryListed,
    LeftCount,
    PlanBuilt,
    RequestRetried,
    RolloutPlanned,
    RunStopped,
    TargetRef,
    ThrottleGated,
    WaveStarted,
)
from enforcer.model.report.target import InventoryReport, RateReport, Requests, TargetReport, Totals
from enforcer.model.report.task import WithheldReport

_Planned: TypeAlias = ChangeWithheld | PlanBuilt
TargetEvent: TypeAlias = InventoryListed | InventoryCompared | RequestRetried | ThrottleGated | _Planned | WaveEvent
"""What can happen to a target as such."""

UNDECIDED = "not decided"
"""Why a listed task is left alone while its target's plan is not complete."""


class TargetTally(Struct, kw_only=True):
    """One target: its list, its plan, its changes in plan order, and what it was asked."""

    ref: TargetRef
    tasks: dict[str, TaskTally] = field(default_factory=dict)
    _baseline: int | None = None
    _inventory: InventoryListed | None = None
    _plan: PlanBuilt | None = None
    _withheld: list[ChangeWithheld] = field(default_factory=list)
    _learned: str | None = None
    _clock_skew_s: float | None = None
    _credentials_expire_at: str | None = None
    _lists: int = 0
    _shows: int = 0
    _reads_retried: int = 0
    _puts_retried: int = 0
    _moments: Moments = field(default_factory=Moments)
    _waves_at: list[float] = field(default_factory=list)
    """When each wave began: the time from the last PUT before that to the first after it says nothing of the rate."""
    _stop: RunStopped | None = None
    waves: WaveTally = field(default_factory=WaveTally)

    def take(self, event: TargetEvent, at: float) -> None:
        match event:
            case InventoryListed():
                self._listed(event)
            case InventoryCompared():
                self._baseline = event.baseline
            case RequestRetried():
                self._retried(event, at)
            case ThrottleGated():
                self._learned = event.limit or self._learned
                self._moments.paused.append((at, event.wait_s))
            case ChangeWithheld():
                self._withheld.append(event)
            case PlanBuilt():
                self._plan = event
            case _:
                self._took_wave(event, at)

    def skewed(self, event: ClockSkewed) -> None:
        self._clock_skew_s = event.skew_s

    def credentials_end(self, expires_at: str) -> None:
        self._credentials_expire_at = expires_at

    def _listed(self, event: InventoryListed) -> None:
        self._lists += event.pages
        self._shows += event.shows
        if not event.read_back:
            self._inventory = event

    def _retried(self, event: RequestRetried, at: float) -> None:
        self._reads_retried += 1
        if event.failure == FailureKind.THROTTLED:
            self._moments.throttled.append(at)
        if event.call == "list":
            self._lists += 1
        else:
            self._shows += 1

    def attempted(self, event: ChangeAttempted, at: float) -> None:
        self._moments.started.append(at)
        self._puts_retried += event.attempt > 1

    def withdrawn(self, event: ChangeWithdrawn, attempted_at: float) -> None:
        """Take back the attempt that was recorded then: no PUT of it left."""
        started = self._moments.started
        # From the end, where it is: of a long run there are very many.
        del started[next(place for place in reversed(range(len(started))) if started[place] == attempted_at)]
        self._puts_retried -= event.attempt > 1

    def answered(self, event: Answer, at: float) -> None:
        """Take the answer to a PUT."""
        match event:
            case ChangeAcked():
                pass
            case ChangeGone():
                return
            case AttemptFailed(failure=FailureKind.THROTTLED) | ChangeFailed(failure=FailureKind.THROTTLED):
                self._moments.throttled.append(at)
        if event.http_status is not None:
            self._moments.answered_at.append(at)
            self._moments.durations_ms.append(event.duration_ms)

    def _took_wave(self, event: WaveEvent, at: float) -> None:
        self.waves.take(event)
        if isinstance(event, RolloutPlanned):
            self._shows += event.shows
        elif isinstance(event, WaveStarted):
            self._waves_at.append(at)

    def stopped(self, event: RunStopped) -> None:
        """Take note of what ended the sending; before any of it, there was nothing to end."""
        if self._moments.started:
            self._stop = self._stop or event

    def report(self, run_started_at: float) -> TargetReport:
        ref, inventory = self.ref, self._inventory
        stop = self._stop.message if self._stop else None
        left, moments = self._left(), self._moments
        return TargetReport(
            name=ref.name,
            region=ref.region,
            endpoint=ref.endpoint,
            project_id=ref.project_id,
            inventory=None
            if inventory is None
            else InventoryReport(
                count=inventory.count, stable=inventory.stable, pages=inventory.pages, baseline=self._baseline
            ),
            totals=self._totals(left),
            left=left,
            requests=Requests(
                list=self._lists,
                show=self._shows,
                put=len(moments.started),
                retries=self._reads_retried + self._puts_retried,
                throttled=len(moments.throttled),
            ),
            rate=RateReport(asked_per_s=ref.rate_per_s, effective_per_s=self._effective_per_s(), learned=self._learned),
            latency_ms=latency(moments.durations_ms),
            tasks=tuple(task.report(run_started_at, stop) for task in self.tasks.values()),
            withheld=tuple(
                WithheldReport(task_id=each.task_id, task_name=each.task_name, reason=each.reason)
                for each in self._withheld
            ),
            clock_skew_s=self._clock_skew_s,
            credentials_expire_at=self._credentials_expire_at,
            timeline=timeline(moments, run_started_at),
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
        """Return how fast PUTs left, by their answers: an intent is recorded some time before its PUT."""
        answered = zip(self._moments.answered_at, self._moments.durations_ms, strict=True)
        left_at = sorted(at - duration_ms / 1000 for at, duration_ms in answered)
        between = [
            following - at
            for at, following in pairwise(left_at)
            if bisect_left(self._waves_at, at) == bisect_left(self._waves_at, following)
        ]
        if sum(between) <= 0:  # fewer than two in a row, or a wall clock that was set back
            return None
        return float(f"{len(between) / sum(between):.4g}")
