"""A policy: which task should have which mode, and how far a run may go.

Values only: how a text becomes a Policy is `policyfile`'s business, what a pattern hits is `core.patterns`'s.
"""

from collections.abc import Mapping
from datetime import tzinfo

from msgspec import Struct, field

from enforcer.model.expectation import Expectation
from enforcer.model.finding import Suppression
from enforcer.model.limits import DEFAULT_LIMITS, Limits, Rate
from enforcer.model.notify import Notify
from enforcer.model.override import Override
from enforcer.model.rollout import DEFAULT_ROLLOUT, Rollout
from enforcer.model.rule import Match, Origin, PolicyMode, Rule
from enforcer.model.task import ResumeMode


class Target(Struct, frozen=True, kw_only=True):
    """One project of one region. What is None comes from flags, environment or profile."""

    name: str
    region: str | None = None
    project_id: str | None = None
    endpoint: str | None = None
    iam_endpoint: str | None = None
    rate: Rate | None = None
    """None: the policy's `Limits.rate`."""
    origin: Origin | None = None


class Freeze(Struct, frozen=True, kw_only=True):
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


class Retention(Struct, frozen=True, kw_only=True):
    """How long the records of the policy's runs are kept."""

    keep: int | None = 400
    """In days, from the start of a run; None is ``unlimited``."""


DEFAULT_ELIGIBLE = Match(
    migration_type=("online_migration",),
    migration_method=("incremental_migration",),
    # INCRMIGEATING is how the API spells it (ShowMigrationTask); newer pages spell it right.
    status=("MIGRATING", "FULLMIGRATING", "INCRMIGEATING", "INCRMIGRATING"),
)


class Policy(Struct, frozen=True, kw_only=True):
    """The whole of what a user wrote, with every default filled in."""

    name: str
    files: tuple[str, ...]
    """The files it was read from, as the user named them."""
    sha256: str
    """Hex digest over the names and bytes of the files, in reading order."""
    origins: Mapping[str, Origin] = field(default_factory=dict)
    """Where each key stands that is written, by the mappings before it: ``limits.to_auto.max``."""
    targets: tuple[Target, ...] = ()
    """Empty: the one target that flags, environment or profile describe."""
    eligible: Match = DEFAULT_ELIGIBLE
    rules: tuple[Rule, ...] = ()
    overrides: tuple[Override, ...] = ()
    """Those that stand in the policy; the state directory has more."""
    tests: tuple[Expectation, ...] = ()
    suppressions: tuple[Suppression, ...] = ()
    default: PolicyMode = PolicyMode.LEAVE
    limits: Limits = DEFAULT_LIMITS
    freeze: tuple[Freeze, ...] = ()
    rollout: Rollout = DEFAULT_ROLLOUT
    history: Retention = Retention()
    notify: Notify = Notify.NEVER
