"""How many changes in a direction are too many: what a plan comes to, beside every limit that it touches.

Counts; what follows from a limit that is passed is for `core.admission.guards` to say.
"""

from collections.abc import Iterable, Iterator
from typing import Final, TypeAlias

from msgspec import Struct, field

from enforcer.core.text.endpoint import canonical
from enforcer.model.event import BudgetCount, BudgetCounted
from enforcer.model.limits import Budget, Limits
from enforcer.model.plan import Change, Proposal
from enforcer.model.task import ResumeMode

IN_FULL_SYNC: Final = "FULLMIGRATING"
PER_INSTANCE: Final = {"per_source_instance": "source", "per_target_instance": "target"}
"""The limits that are of a single instance, and the side of a task that names it."""
_LIMITS: Final = ("max", "percent", "per_day", *PER_INSTANCE)

Candidate: TypeAlias = tuple[Proposal, Change]
"""A change that would be sent, and the proposal it is of."""


def of(limits: Limits, direction: ResumeMode) -> Budget:
    return limits.to_auto if direction is ResumeMode.AUTO else limits.to_manual


def share(percent: int, eligible: int, *, least: int) -> int:
    """Return how many tasks *percent* of *eligible* is: rounded down, but at least *least* unless it is 0 %."""
    return max(percent * eligible // 100, least) if percent else 0


class Gauge(Struct, kw_only=True):
    """One limit, and the tasks that count against it."""

    limit: str
    target: str | None
    """None: all targets together."""
    allowed: int
    note: str
    is_written: bool
    """Whether the policy spells it."""
    before: int = 0
    """What counted before this run."""
    tasks: set[str] = field(default_factory=set)

    @property
    def count(self) -> int:
        return self.before + len(self.tasks)

    @property
    def left(self) -> int:
        return self.allowed - self.count

    def count_with(self, task: str) -> int:
        return self.count + (task not in self.tasks)

    def reading(self) -> BudgetCount:
        return BudgetCount(limit=self.limit, target=self.target, count=self.count, allowed=self.allowed, note=self.note)


class Meter:
    """Takes changes, and knows how full every limit is that they count against. What is unlimited has no gauge."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._set = {
            direction: [limit for limit in _LIMITS if getattr(of(limits, direction), limit) is not None]
            for direction in ResumeMode
        }
        """The limits that there are in each direction."""
        self._gauges: dict[tuple[str, ...], Gauge | None] = {}
        self.targets: set[str] = set()
        """Those whose changes were taken."""

    def take(self, candidate: Candidate) -> None:
        for gauge in self._touched_by(candidate):
            gauge.tasks.add(_name(candidate))
        self.targets.add(candidate[0].plan.target)

    def passed_with(self, candidate: Candidate) -> list[str]:
        """Return ``11 > 10 (max)`` for each limit that would be passed if *candidate* were taken too."""
        name = _name(candidate)
        return [
            f"{count:,} > {gauge.allowed:,} ({gauge.note})"
            for gauge in self._touched_by(candidate)
            if (count := gauge.count_with(name)) > gauge.allowed
        ]

    def gauges(self, direction: ResumeMode) -> list[Gauge]:
        """Return the limits in *direction* that something was asked of, the run's own first."""
        return [gauge for key, gauge in self._gauges.items() if gauge is not None and key[0] == direction]

    def counted(self) -> tuple[BudgetCounted, ...]:
        """Return what the limits of each direction show, where something was asked of them."""
        shown = ((direction, _readings(self.gauges(direction))) for direction in (ResumeMode.MANUAL, ResumeMode.AUTO))
        return tuple(BudgetCounted(direction=direction, counts=counts) for direction, counts in shown if counts)

    def _touched_by(self, candidate: Candidate) -> Iterator[Gauge]:
        direction = candidate[1].desired
        for limit in self._set[direction]:
            scope = _scope(limit, candidate)
            if scope is None:
                continue
            key = (direction, limit, *scope)
            if key not in self._gauges:
                self._gauges[key] = self._made(limit, candidate)
            if (gauge := self._gauges[key]) is not None:
                yield gauge

    def _made(self, limit: str, candidate: Candidate) -> Gauge | None:
        proposal, change = candidate
        budget = of(self._limits, change.desired)
        gauge = Gauge(
            limit=limit,
            target=None if limit == "max" else proposal.plan.target,
            allowed=getattr(budget, limit),
            note=limit,
            is_written=limit in budget.written,
        )
        match limit:
            case "percent":
                return self._share_of(gauge, proposal.plan.eligible, budget)
            case "per_day" if proposal.history is not None:
                gauge.before = proposal.history.sent(change.desired)
                gauge.note += f", {gauge.before:,} of them in the 24 hours before" if gauge.before else ""
            case "per_source_instance" | "per_target_instance":
                _fill_instance(gauge, proposal, change)
        return gauge

    def _share_of(self, gauge: Gauge, eligible: int, budget: Budget) -> Gauge | None:
        percent = gauge.allowed
        if percent and eligible < self._limits.min_population:
            return None
        gauge.allowed = share(percent, eligible, least=0 if budget.max == 0 else 1)
        gauge.note = f"{percent}% of {eligible:,} eligible"
        return gauge


def _readings(gauges: Iterable[Gauge]) -> tuple[BudgetCount, ...]:
    """Return what each gauge shows; of the many for single instances, the fullest of its kind."""
    shown: dict[tuple[str, str | None], Gauge] = {}
    for gauge in gauges:
        key = (gauge.limit, None if gauge.limit in PER_INSTANCE else gauge.target)
        if key not in shown or gauge.left < shown[key].left:
            shown[key] = gauge
    return tuple(gauge.reading() for gauge in shown.values())


def _scope(limit: str, candidate: Candidate) -> tuple[str, ...] | None:
    """Return what it is that *limit* is of, for *candidate*; None if that cannot be said, so that it does not count."""
    proposal, change = candidate
    match limit:
        case "max":
            return ()
        case "percent":
            return (proposal.plan.target,)
        case "per_day":
            return canonical(proposal.ref.endpoint), proposal.ref.project_id
    instance = getattr(change.task, f"{PER_INSTANCE[limit]}_instance_id")
    return (proposal.plan.target, instance) if instance else None


def _fill_instance(gauge: Gauge, proposal: Proposal, change: Change) -> None:
    """Name the instance, and count the full synchronisations under way on it against a change to auto."""
    side = PER_INSTANCE[gauge.limit]
    instance = getattr(change.task, f"{side}_instance_id")
    name = getattr(change.task, f"{side}_instance_name")
    gauge.note += f", {name} {instance}" if name else f", {instance}"
    if change.desired is ResumeMode.AUTO:
        gauge.tasks = {
            f"{proposal.plan.target}/{task.task_id}"
            for task in proposal.inventory.tasks
            if task.status == IN_FULL_SYNC and getattr(task, f"{side}_instance_id") == instance
        }
        syncing = len(gauge.tasks)
        gauge.note += f", {syncing:,} in full sync already" if syncing else ""


def _name(candidate: Candidate) -> str:
    return f"{candidate[0].plan.target}/{candidate[1].task.task_id}"
