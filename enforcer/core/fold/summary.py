"""What a run's events come to: the report, whether it adds up, and the exit code that it deserves.

Pure: whoever folds the same events reads the same report, during the run or a year later.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeAlias

from msgspec.structs import replace

from enforcer.core.fold import notices
from enforcer.core.fold.notices import Noticed
from enforcer.core.fold.override_tally import OverrideTally
from enforcer.core.fold.target_tally import TargetEvent, TargetTally
from enforcer.core.fold.task_tally import ChangeEvent, TaskTally
from enforcer.errors import EnforcerError, ExitCode
from enforcer.model.event import (
    BreakerOpened,
    BudgetCounted,
    ChangeAttempted,
    ChangeContested,
    ChangeFailed,
    ChangePlanned,
    ChangeRecalled,
    ChangeWithdrawn,
    ClockSkewed,
    CredentialsDated,
    CredentialsRefreshed,
    Entry,
    GlassBroken,
    HistoryPruned,
    HistoryUnread,
    InventoryAccepted,
    MetricsLost,
    MetricsSent,
    NotificationFailed,
    NotificationSent,
    OverrideHonoured,
    OverrideReleased,
    PlanDeclined,
    PlanRefused,
    PruningFailed,
    RateChanged,
    RunFinished,
    RunInterrupted,
    RunSettled,
    RunStarted,
    RunStopped,
    SelectionUnmatched,
)
from enforcer.model.event.plan import OfPlan
from enforcer.model.event.run import OfRun
from enforcer.model.report.run import BreakGlass, BudgetReport, Exit, Notice, PolicyReport, Report
from enforcer.model.report.target import Totals
from enforcer.model.report.task import State

UNFINISHED = "unfinished"
"""The exit name of a run that is under way, or died and was not found yet."""
INTERRUPTED = "interrupted"
"""The exit name of a run that died, as a later one found."""
_NO_BEGINNING = f"a run begins with {RunStarted.kind}"

# Of the way, not of the outcome: what it led to (a stop, failures, a time) has events of its own.
_Passing: TypeAlias = RateChanged | BreakerOpened | CredentialsRefreshed | CredentialsDated | ChangeContested
_Overridden: TypeAlias = OverrideHonoured | OverrideReleased
_TargetEvent: TypeAlias = TargetEvent | Noticed | _Overridden | _Passing
_ChangeEvent: TypeAlias = ChangeEvent | ChangePlanned
_RunEvent: TypeAlias = OfRun | OfPlan | InventoryAccepted | HistoryUnread | _TargetEvent
_Later: TypeAlias = RunInterrupted | RunSettled
"""What a later run appends, which is not of this one's time."""

_LAST_AT = 253_402_300_799.0
"""The last second that a date can say: the end of credentials comes from outside and may be anything."""

GONE_SHARE = 0.05
"""One task may go while a run is under way. If more than that are gone, somebody should look."""

_FIRST_OF = (
    *(ExitCode.IO, ExitCode.SOFTWARE, ExitCode.DENIED, ExitCode.PROTOCOL),
    *(ExitCode.ABORTED, ExitCode.SIGTERM, ExitCode.SIGINT, ExitCode.REFUSED),
)
# Waiting does not mend a wrong setting, so it goes before a network that may be back tomorrow.
_IF_NOTHING_LISTED = (ExitCode.CONFIG, ExitCode.UNAVAILABLE)


class Summary:
    """What the events of one run come to so far, of which it keeps no more than the report needs.

    Any beginning of a run will do: the totals add up at every point, given that a target's ChangePlanned come before
    its PlanBuilt. An event that does not belong (an unplanned change, an unknown target) becomes a notice of exit
    code 70. Lists and shows that failed for good are not counted among the requests, since no event tells of them.
    """

    def __init__(self) -> None:
        self._run: _Run | None = None

    def take(self, entry: Entry) -> None:
        """Take the next event of the run; raise ValueError if the first is no RunStarted."""
        if self._run is None:
            self._run = _begun(entry)
        else:
            self._run.take(entry)

    def report(self) -> Report:
        """Return the report up to here; raise ValueError without a RunStarted."""
        if self._run is None:
            raise ValueError(_NO_BEGINNING)
        return self._run.report()


def fold(entries: Iterable[Entry]) -> Report:
    """Return the report of the run that *entries* tell of, up to where they end; raise ValueError as `Summary` does."""
    summary = Summary()
    for entry in entries:
        summary.take(entry)
    return summary.report()


def unrecorded(report: Report, broken: EnforcerError) -> Report:
    """Return *report*, of a run that the journal does not have to its end because of *broken*, saying so."""
    others = (each for each in report.notices if each.message != broken.message)
    return replace(
        report,
        exit=Exit(code=int(broken.exit_code), name=broken.exit_code.label),
        notices=(notices.unrecorded(broken), *others),
    )


def discrepancies(report: Report) -> tuple[str, ...]:
    """Return one sentence for each sum that does not come out, so () means that it adds up."""
    found = [sentence for target in report.targets for sentence in _wrong_sums(target.name, target.totals)]
    if report.totals != _sum(target.totals for target in report.targets):
        found.append("The totals of the run are not the sums of its targets' totals.")
    return tuple(found)


def verdict(report: Report) -> ExitCode:
    """
    Return the exit code that *report* deserves; its own `exit` does not matter.

    Of several that hold: 74, 70, 77, 76, 5, 143, 130, 4; then 78 and 69, in this order, if no target could be listed;
    then 3; then 0. A plan's changes are not meant to be attempted, and its list may be unstable, without harm.
    """
    codes = {notice.exit_code for notice in report.notices}
    if discrepancies(report):
        codes.add(ExitCode.SOFTWARE)
    is_listed = any(target.inventory is not None for target in report.targets)
    for code in _FIRST_OF if is_listed else (*_FIRST_OF, *_IF_NOTHING_LISTED):
        if code in codes:
            return code
    return ExitCode.PARTIAL if codes - {ExitCode.OK} or _is_partial(report) else ExitCode.OK


def gravest(codes: Collection[int]) -> ExitCode:
    """Return the one of *codes* that counts where several hold and none can be got round; OK if there is none."""
    return next((code for code in (*_FIRST_OF, *_IF_NOTHING_LISTED) if code in codes), ExitCode.OK)


def utc_text(at: float) -> str:
    """Return *at*, Unix time in seconds, as reports write it: RFC 3339, UTC, milliseconds; within 1970 to 9999."""
    return (
        datetime.fromtimestamp(min(max(at, 0.0), _LAST_AT), UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )


def _begun(first: Entry) -> "_Run":
    match first.event:
        case RunStarted(targets=targets) as started:
            tallies = {ref.name: TargetTally(ref=ref) for ref in targets}
            return _Run(started=started, started_at=first.at, last_at=first.at, targets=tallies)
    raise ValueError(_NO_BEGINNING)


@dataclass(slots=True, kw_only=True)
class _Run:
    started: RunStarted
    started_at: float
    last_at: float
    targets: dict[str, TargetTally]
    notices: list[Notice] = field(default_factory=list)
    budgets: list[BudgetReport] = field(default_factory=list)
    overrides: OverrideTally = field(default_factory=OverrideTally)
    break_glass: BreakGlass | None = None
    finished: RunFinished | None = None
    interrupted: RunInterrupted | None = None

    @property
    def place(self) -> list[str]:
        return [word for words in self.started.flags if notices.PLACE.intersection(words[:1]) for word in words]

    def take(self, entry: Entry) -> None:
        event = entry.event
        if self.finished is None and self.interrupted is None and not isinstance(event, _Later):
            self.last_at = entry.at
        if isinstance(event, _ChangeEvent):  # nearly all are
            self._take_for_change(event, entry.at)
        else:
            self._take_for_run(event, entry.at)

    def _take_for_run(self, event: _RunEvent, at: float) -> None:
        match event:
            case RunStarted():
                self._odd(None, "the run is recorded as started twice")
            case (
                PlanRefused() | PlanDeclined() | SelectionUnmatched() | HistoryUnread() | InventoryAccepted()
            ) as event:
                self.notices.append(notices.notice(event, self.place))
            case GlassBroken(reason=reason, passed=passed):
                self.break_glass = BreakGlass(reason=reason, passed=passed)
            case BudgetCounted(direction=direction, counts=counts):
                self.budgets.append(BudgetReport(direction=direction, counts=counts))
            case RunStopped() as event:
                self._stop(event)
            case RunFinished() as event:
                self.finished = event
            case RunInterrupted() as event:
                self.interrupted = event
                self.notices.append(notices.died(event, utc_text(self.last_at)))
            case (RunSettled() | HistoryPruned() | PruningFailed()) | (
                NotificationSent() | NotificationFailed() | MetricsSent() | MetricsLost()
            ):
                pass
            case event:
                self._take_for_target(event, at)

    def _stop(self, event: RunStopped) -> None:
        self.notices.append(notices.notice(event, self.place))
        for name, target in self.targets.items():
            if event.target in {None, name}:
                target.stopped(event)

    def _take_for_target(self, event: _TargetEvent, at: float) -> None:
        target = self._target(event)
        if target is None:
            return
        if isinstance(event, ClockSkewed):
            target.skewed(event)
        if isinstance(event, Noticed):
            self.notices.append(notices.notice(event, self.place))
            return
        match event:
            case OverrideHonoured() | OverrideReleased():
                self.overrides.take(event)
            case CredentialsDated(expires_at=expires_at):
                target.credentials_end(utc_text(expires_at))
            case RateChanged() | BreakerOpened() | CredentialsRefreshed() | ChangeContested():
                pass
            case _:
                target.take(event, at)

    def _take_for_change(self, event: _ChangeEvent, at: float) -> None:
        target = self._target(event)
        if target is None:
            return
        if isinstance(event, ChangePlanned):
            self._plan(target, event)
        else:
            self._change(target, event, at)

    def _target(self, event: _TargetEvent | _ChangeEvent) -> TargetTally | None:
        target = self.targets.get(event.target)
        if target is None:
            self._odd(event.target, f"{event.kind} is recorded for a target that is not the run's")
        return target

    def _plan(self, target: TargetTally, event: ChangePlanned) -> None:
        if event.task_id in target.tasks:
            self._odd(event.target, f"the change of task {event.task_id} is planned twice")
            return
        target.tasks[event.task_id] = TaskTally(planned=event)

    def _change(self, target: TargetTally, event: ChangeEvent, at: float) -> None:
        if isinstance(event, ChangeAttempted):
            target.attempted(event, at)
        if isinstance(event, ChangeRecalled):
            target.waves.recalled(event)
        if isinstance(event, ChangeFailed) and event.failure == "internal":
            self._odd(event.target, f"task {event.task_id}: {event.message}")
        task = target.tasks.get(event.task_id)
        if task is None:
            self._odd(event.target, f"{event.kind} is recorded for task {event.task_id}, whose change was not planned")
            return
        if isinstance(event, ChangeWithdrawn) and task.in_flight_since is not None:
            target.withdrawn(event, task.in_flight_since)
        if (answer := task.take(event, at)) is not None:
            target.answered(answer, at)

    def _odd(self, target: str | None, message: str) -> None:
        self.notices.append(notices.odd(target, message))

    def report(self) -> Report:
        started, finished = self.started, self.finished
        unended = UNFINISHED if self.interrupted is None else INTERRUPTED
        targets = tuple(target.report(self.started_at) for target in self.targets.values())
        return Report(
            run_id=started.run_id,
            parent_run=started.parent_run,
            command=started.command,
            version=started.version,
            started_at=utc_text(self.started_at),
            ended_at=None if finished is None else utc_text(self.last_at),
            duration_s=round(max(0.0, self.last_at - self.started_at), 3),
            exit=Exit(code=None, name=unended)
            if finished is None
            else Exit(code=finished.exit_code, name=finished.exit_name),
            policy=PolicyReport(name=started.policy_name, files=started.policy_files, sha256=started.policy_sha256),
            only=started.only,
            flags=started.flags,
            shard=started.shard,
            overrides=self.overrides.report(),
            break_glass=self.break_glass,
            notices=tuple(self.notices),
            budgets=tuple(self.budgets),
            totals=_sum(target.totals for target in targets),
            waves=tuple(wave for target in self.targets.values() for wave in target.waves.waves.values()),
            targets=targets,
        )


def _sum(several: Iterable[Totals]) -> Totals:
    all_of_them = tuple(several)
    return Totals(**{name: sum(getattr(totals, name) for totals in all_of_them) for name in Totals.__struct_fields__})


def _wrong_sums(name: str, totals: Totals) -> Iterable[str]:
    states: int = sum(getattr(totals, state.value) for state in State)
    if totals.planned != states:
        yield f"{name}: {totals.planned} changes are planned, but the states of {states} are recorded."
    placed = totals.in_sync + totals.left + totals.planned
    if totals.listed != placed:
        yield f"{name}: {totals.listed} tasks are listed, but {placed} are in sync, left alone or planned."


def _is_partial(report: Report) -> bool:
    """Whether something is not as decided, though nothing stopped the run."""
    totals = report.totals
    unsettled = totals.failed + totals.unknown + totals.mismatch + totals.acked + totals.skipped + totals.deferred
    unsettled += totals.reverted
    if report.command == "plan":
        return unsettled > 0
    too_many_gone = totals.gone > GONE_SHARE * totals.planned
    return (
        unsettled + totals.not_attempted > 0
        or too_many_gone
        or any(target.inventory is not None and not target.inventory.stable for target in report.targets)
    )
