"""A policy: which task should have which mode, and how far a run may go.

Values only: how a text becomes a Policy is `policyfile`'s business, what a pattern hits is `core.matching`'s.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from enforcer.model.task import ResumeMode

if TYPE_CHECKING:  # these are made of words from here
    from enforcer.model.expectation import Expectation
    from enforcer.model.finding import Suppression
    from enforcer.model.override import Override

from enforcer.model.rollout import DEFAULT_ROLLOUT, Rollout


class PolicyMode(StrEnum):
    """What a rule or the default asks for; *leave* means: do not touch."""

    AUTO = "auto"
    MANUAL = "manual"
    LEAVE = "leave"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where something stands in the policy's text."""

    file: str
    line: int
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A test on a task: every field that is set must hit; a field hits if any of its patterns does.

    A pattern is the text of the policy: a glob, or ``re:`` and an RE2 expression (docs/policy.md).
    The names are those of `Task`. An empty tuple is a field that is not set.
    """

    task_id: tuple[str, ...] = ()
    task_name: tuple[str, ...] = ()
    status: tuple[str, ...] = ()
    migration_type: tuple[str, ...] = ()
    migration_method: tuple[str, ...] = ()
    source_instance_id: tuple[str, ...] = ()
    source_instance_name: tuple[str, ...] = ()
    target_instance_id: tuple[str, ...] = ()
    target_instance_name: tuple[str, ...] = ()
    target: tuple[str, ...] = ()
    not_: "Match | None" = None
    """Written ``not`` in a policy: the rule does not match what this matches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One match and the mode it asks for."""

    id: str
    match: Match
    mode: PolicyMode
    origin: Origin
    reason: str | None = None
    expires: datetime | None = None
    """An aware time; from then on the rule no longer matches."""
    priority: int = 0
    """Order inside a run: higher first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """*count* request starts in every window of *period* seconds; *text* is how the user wrote it."""

    count: int
    period: int
    text: str

    @property
    def per_second(self) -> Fraction:
        return Fraction(self.count, self.period)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One project of one region. What is None comes from flags, environment or profile."""

    name: str
    region: str | None = None
    project_id: str | None = None
    endpoint: str | None = None
    iam_endpoint: str | None = None
    rate: Rate | None = None
    """None: the policy's `Limits.rate`."""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """How many changes in one direction may be made. All limits hold together; None is ``unlimited``."""

    max: int | None = None
    """In one run, all its targets together."""
    percent: int | None = None
    """In one run, of a target's eligible tasks."""
    per_day: int | None = None
    """Of a target, by all runs together, in any 24 hours."""
    per_source_instance: int | None = None
    """In one run, of the tasks that share a source instance."""
    per_target_instance: int | None = None
    written: frozenset[str] = frozenset()
    """The keys that the policy spells; the others are built-in defaults."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Freeze:
    """A window of wall-clock time that comes again every week, and in which changes in *directions* wait."""

    days: frozenset[int]
    """On which it begins; Monday is 0."""
    start: int
    """Minutes after midnight."""
    end: int
    """Likewise, up to 1440; not after *start*: on the next day."""
    zone: tzinfo
    """Whose text is the name that the policy gives."""
    directions: frozenset[ResumeMode]
    reason: str | None = None
    origin: Origin


DEFAULT_RATE = Rate(count=5, period=1, text="5/s")
DEFAULT_CONCURRENCY = 8
DEFAULT_DEADLINE_S = 90 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class InventoryLimits:
    """What a list of tasks has to be, to be taken for the whole. None is ``unlimited``; shares are in per cent."""

    min_tasks: int = 0
    max_shrink: int | None = 50
    """Of the tasks of the last good run, how many may be missing."""
    max_unknown_mode: int | None = 20
    """Of the eligible tasks, how many may come without a mode."""


# A change to auto may start a full synchronisation; one to manual cannot, so that little but its number is bounded.
DEFAULT_TO_AUTO = Budget(max=10, percent=20, per_day=25, per_source_instance=3, per_target_instance=2)
DEFAULT_TO_MANUAL = Budget(max=200, percent=100, per_day=1000, per_source_instance=200, per_target_instance=200)
DEFAULT_MIN_POPULATION = 10
DEFAULT_MAX_INVENTORY = 200_000
DEFAULT_OVERRIDE_MAX_TTL_S = 72 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How fast and how far a run may go. What a policy leaves out is a built-in default, never unlimited."""

    rate: Rate | None = DEFAULT_RATE
    """Request starts per target, all workers together; None is ``unlimited``, spelled in the policy."""
    concurrency: int = DEFAULT_CONCURRENCY
    """Requests in flight per target."""
    deadline_s: int = DEFAULT_DEADLINE_S
    to_auto: Budget = DEFAULT_TO_AUTO
    to_manual: Budget = DEFAULT_TO_MANUAL
    min_population: int = DEFAULT_MIN_POPULATION
    """Fewer eligible tasks than that, and percent is ignored: of three tasks, one is a third already."""
    inventory: InventoryLimits = InventoryLimits()
    max_inventory: int = DEFAULT_MAX_INVENTORY
    """Tasks that a target may list. Reading stops beyond it, so that a list without end takes no memory without end."""
    override_max_ttl_s: int = DEFAULT_OVERRIDE_MAX_TTL_S
    """How long an override may last at most, from its beginning or its extension."""


DEFAULT_ELIGIBLE = Match(
    migration_type=("online_migration",),
    migration_method=("incremental_migration",),
    # INCRMIGEATING is how the API spells it (ShowMigrationTask); newer pages spell it right.
    status=("MIGRATING", "FULLMIGRATING", "INCRMIGEATING", "INCRMIGRATING"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The whole of what a user wrote, with every default filled in."""

    name: str
    files: tuple[str, ...]
    """The files it was read from, as the user named them."""
    sha256: str
    """Hex digest over the names and bytes of the files, in reading order."""
    origins: Mapping[str, Origin] = field(default_factory=dict, compare=False, repr=False)
    """Where each key stands that is written, by the mappings before it: ``limits.to_auto.max``."""
    targets: tuple[Target, ...] = ()
    """Empty: the one target that flags, environment or profile describe."""
    eligible: Match = DEFAULT_ELIGIBLE
    rules: tuple[Rule, ...] = ()
    overrides: "tuple[Override, ...]" = ()
    """Those that stand in the policy; the state directory has more."""
    tests: "tuple[Expectation, ...]" = ()
    suppressions: "tuple[Suppression, ...]" = ()
    default: PolicyMode = PolicyMode.LEAVE
    limits: Limits = Limits()
    freeze: tuple[Freeze, ...] = ()
    rollout: Rollout = DEFAULT_ROLLOUT
