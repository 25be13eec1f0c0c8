"""What can happen in a run. Events are the only record of it: frozen values, JSON-shaped.

Each class has a constant ``kind`` (``noun.past_participle``), under which the journal stores it and
the log shows it. ``EVENTS`` is the closed list; docs/log.md has the same one.
"""

from dataclasses import dataclass
from typing import ClassVar, Final, TypeAlias

from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetRef:
    """A target as the run knows it, every setting resolved."""

    name: str
    region: str | None
    endpoint: str
    project_id: str
    rate_per_s: float | None
    """None: unlimited."""
    rate: str
    """As the user wrote it: ``5/s``, ``unlimited``."""
    concurrency: int
    iam_endpoint: str | None = None
    """As the run was told it; None: that of the region."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftCount:
    """How many tasks were left alone for one reason."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    kind: ClassVar[str] = "run.started"
    run_id: str
    command: str
    version: str
    host: str
    user: str
    pid: int
    policy_name: str
    policy_files: tuple[str, ...]
    policy_sha256: str
    policy_path: str
    """The file or folder that was given, absolute: with it and the targets, a later run needs no POLICY."""
    targets: tuple[TargetRef, ...]
    only: tuple[str, ...] = ()
    """The ``--only`` patterns; empty: all tasks."""
    flags: tuple[tuple[str, ...], ...] = ()
    """The other flags of the command line that the next command has to say again, each with its values; no secret."""
    deadline_s: float | None = None
    parent_run: str | None = None
    """The run that this one finishes or reverses."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryListed:
    kind: ClassVar[str] = "inventory.listed"
    target: str
    tasks: int
    count: int | None
    pages: int
    shows: int
    stable: bool
    read_back: bool
    """False: the list that the plan rests on. True: one that was read after PUTs, to see what they came to."""
    duration_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRetried:
    """A list or details call failed and is sent again."""

    kind: ClassVar[str] = "request.retried"
    target: str
    call: str
    """``list`` or ``show``."""
    attempt: int
    failure: str
    """A `FailureKind`."""
    message: str
    wait_s: float
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    task_id: str | None = None
    """The task that ``show`` is about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ThrottleGated:
    """The API said "slow down": no request of the target is started for *wait_s* seconds, then one as a probe."""

    kind: ClassVar[str] = "throttle.gated"
    target: str
    wait_s: float
    times: int
    """How often in a row, from 1."""
    rate_per_s: float
    """The rate from then on."""
    retry_after_s: float | None = None
    limit: str | None = None
    """The limit that the gateway named, like ``60/m``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RateChanged:
    """The rate has climbed back to all that is allowed after it was lowered."""

    kind: ClassVar[str] = "rate.changed"
    target: str
    rate_per_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerOpened:
    """Too many requests of the target failed: nothing more is sent to it in this run."""

    kind: ClassVar[str] = "breaker.opened"
    target: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialsRefreshed:
    """Credentials were refused, and new ones were found, or the clock was corrected; the run goes on."""

    kind: ClassVar[str] = "credentials.refreshed"
    target: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockSkewed:
    """The clocks of this machine and of the target differ by more than a minute; the run goes on."""

    kind: ClassVar[str] = "clock.skewed"
    target: str
    skew_s: float
    """How far this machine's clock is ahead; negative: behind."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetFailed:
    """A target could not be worked on, or no further; the other targets go on."""

    kind: ClassVar[str] = "target.failed"
    target: str
    exit_code: int
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePlanned:
    kind: ClassVar[str] = "change.planned"
    target: str
    task_id: str
    task_name: str | None
    before: ResumeMode | None
    desired: ResumeMode
    rule: str
    """What asked for it: the rule's id; ``default`` for the policy's default."""
    origin: str | None
    """``file:line`` of the rule, if it stands in a file."""
    reason: str | None
    priority: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeSkipped:
    """A planned change that is not sent, because what is known of the task forbids it."""

    kind: ClassVar[str] = "change.skipped"
    target: str
    task_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeDeferred:
    """A planned change that is not sent in this run: it waits for its turn."""

    kind: ClassVar[str] = "change.deferred"
    target: str
    task_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeWithheld:
    """A task of the earlier run that this one does not touch. It is not among the planned changes."""

    kind: ClassVar[str] = "change.withheld"
    target: str
    task_id: str
    task_name: str | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeContested:
    """A task was set to the same mode again and again, and is found reset once more: from now on it is left alone."""

    kind: ClassVar[str] = "change.contested"
    target: str
    task_id: str
    desired: ResumeMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFlagged:
    """A planned change with which the plan passes a limit, so that the whole plan is refused."""

    kind: ClassVar[str] = "change.flagged"
    target: str
    task_id: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanContradicted:
    """Planned changes of which the policy asks for the opposite, so that its next apply would revert them."""

    kind: ClassVar[str] = "plan.contradicted"
    target: str
    desired: ResumeMode
    """Of all these changes."""
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanBuilt:
    kind: ClassVar[str] = "plan.built"
    target: str
    listed: int
    eligible: int
    in_sync: int
    planned: int
    left: tuple[LeftCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCount:
    """How far a plan goes into one limit."""

    limit: str
    """``max``, ``percent``, ``per_day``, ``per_source_instance`` or ``per_target_instance``."""
    target: str | None
    """None: all targets together."""
    count: int
    allowed: int
    note: str
    """What *allowed* is, in words: ``20% of 47 eligible``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetCounted:
    """What a plan's changes in one direction come to, beside each limit that there is; of instances, the fullest."""

    kind: ClassVar[str] = "budget.counted"
    direction: ResumeMode
    counts: tuple[BudgetCount, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryCompared:
    """The inventory stands beside that of the last good run of the same endpoint and project."""

    kind: ClassVar[str] = "inventory.compared"
    target: str
    tasks: int
    baseline: int | None
    """None: there was no good run yet."""
    baseline_run: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryAccepted:
    """An inventory that would have been refused is taken for the whole, on the word of a person."""

    kind: ClassVar[str] = "inventory.accepted"
    target: str
    tasks: int
    reason: str
    doubts: tuple[str, ...]
    """What it would have been refused for, one sentence each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GlassBroken:
    """A person has the run pass freeze and budgets, for the reason given."""

    kind: ClassVar[str] = "glass.broken"
    reason: str
    passed: tuple[str, ...]
    """What would have held changes back, one sentence each; empty: nothing would have."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryUnread:
    """The journal cannot tell what earlier runs did to a target: nothing of it goes to auto."""

    kind: ClassVar[str] = "history.unread"
    target: str
    message: str
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideFacts:
    """An override as it was when the plan was made. Times are RFC 3339, in UTC."""

    id: str
    mode: PolicyMode
    patterns: tuple[str, ...]
    targets: tuple[str, ...]
    reason: str
    ticket: str | None
    owner: str
    created: str
    expires: str
    left_s: float
    """Seconds until it expires; 0 if it is over."""
    origin: str | None
    """``file:line``, if it stands in a policy."""
    ended_at: str | None = None
    """When it stopped to hold; None: it is in force."""
    ended_by: str | None = None
    """Who ended it; None: it is in force, or expired."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideHonoured:
    """An override was in force when the target's plan was made, and decided that many of its tasks."""

    kind: ClassVar[str] = "override.honoured"
    target: str
    override: OverrideFacts
    tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverrideReleased:
    """An override has ended since the run before. It would have prevented the planned changes of these tasks."""

    kind: ClassVar[str] = "override.released"
    target: str
    override: OverrideFacts
    task_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class OverridesConflicted:
    """Overrides in force ask for different modes of the same tasks; the safest of them was taken."""

    kind: ClassVar[str] = "overrides.conflicted"
    target: str
    override_ids: tuple[str, ...]
    """The one that was taken first."""
    mode: PolicyMode
    """What was taken."""
    tasks: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutPlanned:
    """A target's changes to auto are sorted into waves."""

    kind: ClassVar[str] = "rollout.planned"
    target: str
    waves: tuple[int, ...]
    """How many changes each wave has, the first wave first."""
    shows: int
    """Details calls made to learn bandwidth limits."""
    bake_s: int = 0
    """How long each wave is to be watched."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRated:
    """What a change to auto may do to others, and the wave in which it is to go."""

    kind: ClassVar[str] = "change.rated"
    target: str
    task_id: str
    wave: int
    """From 1."""
    risk: str
    """A `Risk`."""
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveStarted:
    kind: ClassVar[str] = "wave.started"
    target: str
    wave: int
    """From 1."""
    waves: int
    changes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BakeStarted:
    """The wave is sent; for *bake_s* seconds its tasks are watched."""

    kind: ClassVar[str] = "bake.started"
    target: str
    wave: int
    waves: int
    bake_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WaveJudged:
    """The gate of a wave: what was seen of its tasks since it began, in numbers of tasks, and whether that will do."""

    kind: ClassVar[str] = "wave.judged"
    target: str
    wave: int
    waves: int
    passed: bool
    full_sync: int
    """Moved into a full synchronisation."""
    failed: int
    """Moved into a failed status."""
    unreadable: int
    """Without a status that could be read."""
    call_errors: int
    """Changes whose request failed for good, or whose answer was lost."""
    reasons: tuple[str, ...]
    """One for each allowance that is passed; () if *passed*."""
    watched_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeRecalled:
    """A change that was sent is to be taken back, since its wave did harm; what follows of the task is the way back."""

    kind: ClassVar[str] = "change.recalled"
    target: str
    task_id: str
    desired: ResumeMode
    """The mode to go back to."""
    wave: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRefused:
    """A guard, or a person at the prompt, said no. Nothing was sent."""

    kind: ClassVar[str] = "plan.refused"
    reasons: tuple[str, ...]
    hint: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAttempted:
    """The intent: recorded before a byte of the PUT leaves. Without a later event it is *unknown*."""

    kind: ClassVar[str] = "change.attempted"
    target: str
    task_id: str
    attempt: int
    """From 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptFailed:
    """A PUT failed in a way that is worth another attempt, which follows after *wait_s* seconds."""

    kind: ClassVar[str] = "attempt.failed"
    target: str
    task_id: str
    attempt: int
    failure: str
    """A `FailureKind`."""
    message: str
    wait_s: float
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeAcked:
    """The API took the PUT. Whether it shows is for the read-back to say."""

    kind: ClassVar[str] = "change.acked"
    target: str
    task_id: str
    attempt: int
    http_status: int
    request_id: str | None
    duration_ms: float
    by_read_back: bool = False
    """The answer was lost, and reading the task showed that the PUT had been taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeFailed:
    """The change did not happen, and that is known."""

    kind: ClassVar[str] = "change.failed"
    target: str
    task_id: str
    failure: str
    """A `FailureKind`, ``not_applied`` (by the read-back) or ``internal`` (a bug)."""
    message: str
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeLost:
    """The PUT was sent and no usable answer came: *unknown* until a read tells."""

    kind: ClassVar[str] = "change.lost"
    target: str
    task_id: str
    message: str
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeGone:
    """The task no longer exists."""

    kind: ClassVar[str] = "change.gone"
    target: str
    task_id: str
    message: str
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeVerified:
    """A read after the PUT shows the desired mode."""

    kind: ClassVar[str] = "change.verified"
    target: str
    task_id: str
    observed: ResumeMode


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMismatched:
    """A read after the PUT shows something else; *observed* is None if it shows no mode."""

    kind: ClassVar[str] = "change.mismatched"
    target: str
    task_id: str
    observed: ResumeMode | None


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStopped:
    """No further request is started, for the reason given. What is in flight is finished."""

    kind: ClassVar[str] = "run.stopped"
    exit_code: int
    message: str
    hint: str | None = None
    target: str | None = None
    """The one target that stops; None: all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryPruned:
    """The records of earlier runs of the policy were deleted, since it keeps them no longer."""

    kind: ClassVar[str] = "history.pruned"
    runs: int
    keep_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PruningFailed:
    """Records that the policy keeps no longer could not be deleted; the next run tries again."""

    kind: ClassVar[str] = "pruning.failed"
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFinished:
    kind: ClassVar[str] = "run.finished"
    exit_code: int
    exit_name: str
    unsettled: int = 0
    """Changes that were sent, and that no read has settled: unknown, or only accepted."""
    changed: int = 0
    """Changes that the API took and that no read contradicts."""
    failed: int = 0
    """Changes that failed, were read back otherwise, or of which nothing tells whether they happened."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunInterrupted:
    """In the record of a run that died: a later run found it so."""

    kind: ClassVar[str] = "run.interrupted"
    by_run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettled:
    """In the record of an earlier run: every change that it left open has been read since."""

    kind: ClassVar[str] = "run.settled"
    by_run: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRecovered:
    """In the record of the run that found an earlier one with changes left open, or dead: what reading showed."""

    kind: ClassVar[str] = "run.recovered"
    target: str
    earlier_run: str
    died: bool
    verified: int
    not_applied: int
    mismatched: int
    gone: int
    still_open: int
    """Too recent to be called not applied, or not legible: a later run reads them."""
    not_attempted: int


Event: TypeAlias = (
    RunStarted
    | InventoryListed
    | RequestRetried
    | ThrottleGated
    | RateChanged
    | BreakerOpened
    | CredentialsRefreshed
    | ClockSkewed
    | TargetFailed
    | ChangePlanned
    | ChangeSkipped
    | ChangeDeferred
    | ChangeContested
    | ChangeFlagged
    | ChangeWithheld
    | PlanContradicted
    | PlanBuilt
    | BudgetCounted
    | InventoryCompared
    | InventoryAccepted
    | GlassBroken
    | HistoryUnread
    | OverrideHonoured
    | OverrideReleased
    | OverridesConflicted
    | RolloutPlanned
    | ChangeRated
    | PlanRefused
    | WaveStarted
    | BakeStarted
    | WaveJudged
    | ChangeRecalled
    | ChangeAttempted
    | AttemptFailed
    | ChangeAcked
    | ChangeFailed
    | ChangeLost
    | ChangeGone
    | ChangeVerified
    | ChangeMismatched
    | RunStopped
    | HistoryPruned
    | PruningFailed
    | RunFinished
    | RunInterrupted
    | RunSettled
    | RunRecovered
)

EVENTS: dict[str, type[Event]] = {cls.kind: cls for cls in Event.__args__}
"""Every kind and its class."""


LATER: Final = 1_000_000_000
"""The first number of what later runs add: below it is room for all that the run itself told, recorded or not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An event with its place in the run and the time it was recorded."""

    seq: int
    """From 1, without gaps; in what later runs add to a record, from LATER on."""
    at: float
    """Unix time in seconds, UTC."""
    event: Event
