"""What the events of one run come to so far. Lives for one fold only."""

from typing import TypeAlias

from msgspec import Struct, field

from enforcer.core.fold import notices
from enforcer.core.fold.notices import Noticed
from enforcer.core.fold.override_tally import OverrideTally
from enforcer.core.fold.target_tally import TargetEvent, TargetTally
from enforcer.core.fold.task_tally import ChangeEvent, TaskTally
from enforcer.core.text.moment import utc_text
from enforcer.model.event import (
    BreakerOpened,
    BudgetCounted,
    ChangeAcked,
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
    OfPlanned,
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
from enforcer.model.report.run import (
    INTERRUPTED,
    UNFINISHED,
    BreakGlass,
    BudgetReport,
    Exit,
    Notice,
    PolicyReport,
    Report,
)
from enforcer.model.report.target import in_all

# Of the way, not of the outcome: what it led to (a stop, failures, a time) has events of its own.
_Passing: TypeAlias = RateChanged | BreakerOpened | CredentialsRefreshed | CredentialsDated | ChangeContested
_Overridden: TypeAlias = OverrideHonoured | OverrideReleased
_TargetEvent: TypeAlias = TargetEvent | Noticed | _Overridden | _Passing
_ChangeEvent: TypeAlias = ChangeEvent | ChangePlanned
_RunEvent: TypeAlias = OfRun | OfPlan | InventoryAccepted | HistoryUnread | _TargetEvent


class RunTally(Struct, kw_only=True):
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
        event, at = entry.event, entry.at
        if isinstance(event, OfPlanned):  # nearly all are; it is asked for one class, not for each of many
            target = self._target(event)
            if target is not None:
                self._take_for_change(target, event, at)
        else:
            self._take_for_run(event, at)
        # What a later run appends is not of this one's time.
        if self.finished is None and self.interrupted is None:
            self.last_at = at

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
                self.finished, self.last_at = event, at
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

    def _take_for_change(self, target: TargetTally, event: _ChangeEvent, at: float) -> None:
        task = target.tasks.get(event.task_id)
        match event:
            # The two of every change come first: there are many, and cases are tried in turn.
            case ChangeAttempted():
                target.attempted(event, at)
            case ChangeAcked():
                pass
            case ChangePlanned():
                self._plan(target, event)
                return
            case ChangeRecalled():
                target.waves.recalled(event)
            case ChangeWithdrawn() if task is not None and task.in_flight_since is not None:
                target.withdrawn(event, task.in_flight_since)
            case ChangeFailed(failure="internal"):
                self._odd(event.target, f"task {event.task_id}: {event.message}")
        if task is None:
            self._odd(event.target, f"{event.kind} is recorded for task {event.task_id}, whose change was not planned")
        elif (answer := task.take(event, at)) is not None:
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
            totals=in_all(target.totals for target in targets),
            waves=tuple(wave for target in self.targets.values() for wave in target.waves.waves.values()),
            targets=targets,
        )
