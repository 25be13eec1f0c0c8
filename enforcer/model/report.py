"""The report of a run: the shape that every format renders and that JSON readers rely on (docs/report.md)."""

from enum import StrEnum

from msgspec import Struct

from enforcer.model.event import BudgetCount, LeftCount
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode

SCHEMA = "enforcer.report/1"


class State(StrEnum):
    """What became of one planned change; exactly one of these."""

    VERIFIED = "verified"
    """Read back and found as desired."""
    ACKED = "acked"
    """The API took it; it was not read back."""
    MISMATCH = "mismatch"
    """Read back and found otherwise; or to be set back, which failed."""
    FAILED = "failed"
    """It did not happen."""
    UNKNOWN = "unknown"
    """It was sent, and nothing tells whether it happened."""
    REVERTED = "reverted"
    """Set back to the mode before, since its wave did harm, and read back so."""
    GONE = "gone"
    """The task no longer exists."""
    SKIPPED = "skipped"
    """Not sent: what is known of the task forbids it."""
    DEFERRED = "deferred"
    """Not sent in this run: it waits for its turn."""
    NOT_ATTEMPTED = "not_attempted"
    """Not sent: the run was refused or stopped before."""


class Attempt(Struct, frozen=True, kw_only=True):
    """A PUT that another one followed, and the answer to it; all None where no answer is recorded."""

    started_s: float
    """From the start of the run."""
    failure: str | None = None
    """A `FailureKind`."""
    message: str | None = None
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float | None = None
    wait_s: float | None = None
    """How long the next attempt was to wait."""


class TaskReport(Struct, frozen=True, kw_only=True):
    task_id: str
    task_name: str | None
    before: ResumeMode | None
    desired: ResumeMode
    observed_after: ResumeMode | None
    rule: str
    origin: str | None
    """``file:line`` of the rule."""
    rule_reason: str | None
    wave: int | None = None
    """The wave in which it is to go, from 1; None for a change to manual, or one without a place in a wave."""
    risk: str | None = None
    """A `Risk`; None where there is no *wave*."""
    risk_reasons: tuple[str, ...] = ()
    state: State
    reason: str | None
    """Why it is in this state, where that needs saying."""
    attempts: int
    http_status: int | None
    error_code: str | None
    request_id: str | None
    duration_ms: float | None
    """Of the last attempt."""
    started_s: float | None
    """From the start of the run to that of the last attempt."""
    earlier: tuple[Attempt, ...]
    """The attempts before the last, the latest 20 of them."""


class Totals(Struct, frozen=True, kw_only=True):
    """``planned`` is the sum of the states; ``listed`` is ``in_sync + left + planned``."""

    listed: int = 0
    eligible: int = 0
    in_sync: int = 0
    left: int = 0
    planned: int = 0
    verified: int = 0
    acked: int = 0
    mismatch: int = 0
    failed: int = 0
    unknown: int = 0
    reverted: int = 0
    gone: int = 0
    skipped: int = 0
    deferred: int = 0
    not_attempted: int = 0


class InventoryReport(Struct, frozen=True, kw_only=True):
    count: int | None
    stable: bool
    pages: int
    baseline: int | None
    """Tasks in the last good run before; None: there was none."""


class Requests(Struct, frozen=True, kw_only=True):
    """Requests started, retries included; *throttled* counts the answers that said "slow down"."""

    list: int = 0
    show: int = 0
    put: int = 0
    retries: int = 0
    throttled: int = 0


class RateReport(Struct, frozen=True, kw_only=True):
    """PUTs started per second; None where it means nothing (unlimited, or fewer than two)."""

    asked_per_s: float | None
    effective_per_s: float | None
    learned: str | None = None
    """The limit that the gateway named, if it named one."""


class Latency(Struct, frozen=True, kw_only=True):
    """Of PUTs that were answered, in milliseconds; None without any."""

    p50: float | None
    p95: float | None
    p99: float | None


class WaveState(StrEnum):
    """How far a wave came."""

    PLANNED = "planned"
    """It did not begin."""
    BEGUN = "begun"
    """It began and was not judged: the run is under way, was stopped, or died."""
    PASSED = "passed"
    FAILED = "failed"


class WaveReport(Struct, frozen=True, kw_only=True):
    """One wave, its gate and what the gate saw. The counts are null until it is judged."""

    target: str
    wave: int
    """From 1."""
    waves: int
    changes: int
    state: WaveState
    full_sync: int | None
    failed: int | None
    unreadable: int | None
    call_errors: int | None
    reasons: tuple[str, ...]
    """One for each allowance that is passed."""
    recalled: int
    """Changes that were to be set back."""
    watched_s: float | None


class Bin(Struct, frozen=True, kw_only=True):
    """What fell into one stretch of time."""

    puts: int
    """Started."""
    throttled: int
    """Answers that said "slow down"."""
    paused_s: float
    """How long no request was let through because of such answers."""
    latency_ms: Latency


class Timeline(Struct, frozen=True, kw_only=True):
    """The requests of a target over time, in bins of *bin_s* seconds, without gaps."""

    begins_s: float
    """From the start of the run to that of the first bin."""
    bin_s: float
    bins: tuple[Bin, ...]


class WithheldReport(Struct, frozen=True, kw_only=True):
    """A task of an earlier run that this one does not touch."""

    task_id: str
    task_name: str | None
    reason: str


class TargetReport(Struct, frozen=True, kw_only=True):
    name: str
    region: str | None
    endpoint: str
    project_id: str
    inventory: InventoryReport | None
    """None: it could not be listed."""
    totals: Totals
    left: tuple[LeftCount, ...]
    requests: Requests
    rate: RateReport
    latency_ms: Latency
    tasks: tuple[TaskReport, ...]
    """The planned changes, in plan order."""
    withheld: tuple[WithheldReport, ...] = ()
    """Of a run that finishes or reverses an earlier one: that one's tasks that are not changed, and why."""
    clock_skew_s: float | None = None
    """How far this machine's clock was ahead of the target's when that was last told; None: within a minute."""
    credentials_expire_at: str | None = None
    """RFC 3339, UTC, milliseconds: the end of those that were accepted last; None: no end of them is known."""
    timeline: Timeline | None
    """None: no PUT was started."""


class Exit(Struct, frozen=True, kw_only=True):
    """*code* is None while the run is under way, or if it died."""

    code: int | None
    name: str


class PolicyReport(Struct, frozen=True, kw_only=True):
    name: str
    files: tuple[str, ...]
    sha256: str


class Notice(Struct, frozen=True, kw_only=True):
    """Something that a person should know: a refusal, a stop, a target that failed, a warning."""

    target: str | None
    message: str
    hint: str | None
    exit_code: int
    """What it makes the run end with, unless something graver does; 0 for a warning."""


class BudgetReport(Struct, frozen=True, kw_only=True):
    """What the changes in one direction come to, beside each limit that there is."""

    direction: ResumeMode
    counts: tuple[BudgetCount, ...]


class OverrideReport(Struct, frozen=True, kw_only=True):
    """An override that was in force. Times are RFC 3339, in UTC."""

    id: str
    mode: PolicyMode
    patterns: tuple[str, ...]
    targets: tuple[str, ...]
    """Empty: every target."""
    reason: str
    ticket: str | None
    owner: str
    created: str
    expires: str
    origin: str | None
    """``file:line``, if it stands in a policy."""
    tasks: int
    """How many tasks it decided."""
    left_s: float
    """Seconds that it had left."""
    ends_within_24h: bool


class EndedOverride(Struct, frozen=True, kw_only=True):
    """An override that has ended since the run before."""

    id: str
    mode: PolicyMode
    reason: str
    owner: str
    ended_at: str
    ended_by: str | None
    """None: it expired."""
    task_ids: tuple[str, ...]
    """The tasks whose planned changes it would have prevented."""


class OverridesReport(Struct, frozen=True, kw_only=True):
    in_force: tuple[OverrideReport, ...] = ()
    ended: tuple[EndedOverride, ...] = ()


class BreakGlass(Struct, frozen=True, kw_only=True):
    """That a person had the run pass freeze and budgets."""

    reason: str
    passed: tuple[str, ...]
    """What would have held changes back, one sentence each."""


class TrendPoint(Struct, frozen=True, kw_only=True):
    """One of the last applies of the policy, in numbers of tasks, as they were known at its end."""

    run_id: str
    started_at: str
    """RFC 3339, UTC, milliseconds."""
    exit_name: str
    drift: int
    """Not as desired when it listed them: the changes that it planned."""
    changed: int
    failed: int
    """Changes that failed, were read back otherwise, or are unknown."""


class Report(Struct, frozen=True, kw_only=True):
    schema: str = SCHEMA
    run_id: str
    parent_run: str | None = None
    """The run that this one finishes or reverses."""
    command: str
    version: str
    started_at: str
    """RFC 3339, UTC, milliseconds."""
    ended_at: str | None
    duration_s: float
    exit: Exit
    policy: PolicyReport
    only: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...] = ()
    """The other flags that the next command has to say again, each with its values."""
    shard: str | None = None
    """``0/3``: which part of a run it is; None: it is whole."""
    overrides: OverridesReport
    break_glass: BreakGlass | None
    """None: it passed no guard."""
    notices: tuple[Notice, ...]
    budgets: tuple[BudgetReport, ...]
    totals: Totals
    waves: tuple[WaveReport, ...] = ()
    """Of all targets, each target's in order."""
    targets: tuple[TargetReport, ...]
    trend: tuple[TrendPoint, ...] = ()
    """The last applies of the policy up to this one, the oldest first, as the journal has them; () without it, and for
    a run that is no apply. No event of the run tells of the others."""
