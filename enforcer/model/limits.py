"""How fast and how far a run may go. What a policy leaves out is a built-in default, never unlimited."""

from fractions import Fraction

from msgspec import Struct


class Rate(Struct, frozen=True, kw_only=True):
    """*count* request starts in every window of *period* seconds; *text* is how the user wrote it."""

    count: int
    period: int
    text: str

    @property
    def per_second(self) -> Fraction:
        return Fraction(self.count, self.period)


class Budget(Struct, frozen=True, kw_only=True):
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


DEFAULT_RATE = Rate(count=5, period=1, text="5/s")
DEFAULT_CONCURRENCY = 8
DEFAULT_DEADLINE_S = 90 * 60


class InventoryLimits(Struct, frozen=True, kw_only=True):
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


class Limits(Struct, frozen=True, kw_only=True):
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


DEFAULT_LIMITS = Limits()
