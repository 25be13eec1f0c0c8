"""What a target was asked and what its list and plan come to. Lives for one fold of `core.summary` only.

Knows nothing of runs, exit codes or formats.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from enforcer.core.task_tally import TaskTally
from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    ChangeAttempted,
    InventoryListed,
    LeftCount,
    PlanBuilt,
    RequestRetried,
    TargetRef,
    ThrottleGated,
)
from enforcer.model.report import InventoryReport, Latency, RateReport, Requests, TargetReport, Totals

UNDECIDED = "not decided"
"""Why a listed task is left alone while its target's plan is not complete."""


@dataclass(slots=True, kw_only=True)
class TargetTally:
    """One target: its list, its plan, its changes in plan order, and what it was asked."""

    ref: TargetRef
    tasks: dict[str, TaskTally] = field(default_factory=dict)
    _inventory: InventoryListed | None = None
    _plan: PlanBuilt | None = None
    _learned: str | None = None
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

    def gated(self, event: ThrottleGated) -> None:
        self._learned = event.limit or self._learned

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
            rate=RateReport(asked_per_s=ref.rate_per_s, effective_per_s=self._effective_per_s(), learned=self._learned),
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
