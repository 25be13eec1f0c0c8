"""The report of a run, whole."""

from msgspec import Struct, field

from enforcer.model.event import BudgetCount
from enforcer.model.report.override import OverridesReport
from enforcer.model.report.target import TargetReport, Totals
from enforcer.model.report.wave import WaveReport
from enforcer.model.task import ResumeMode

SCHEMA = "enforcer.report/1"

UNFINISHED = "unfinished"
"""The exit name of a run that is under way, or died and was not found yet."""
INTERRUPTED = "interrupted"
"""The exit name of a run that died, as a later one found."""


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
    schema: str = field(default=SCHEMA)
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
