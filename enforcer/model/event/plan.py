"""What can be said of a plan before anything is sent: what it comes to, and what limits and people say to it."""

from typing import ClassVar, TypeAlias

from msgspec import Struct

from enforcer.model.task import ResumeMode


class LeftCount(Struct, frozen=True, kw_only=True):
    """How many tasks were left alone for one reason."""

    reason: str
    count: int


class PlanBuilt(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "plan.built"
    target: str
    listed: int
    eligible: int
    in_sync: int
    planned: int
    left: tuple[LeftCount, ...]


class PlanContradicted(Struct, frozen=True, kw_only=True):
    """Planned changes of which the policy asks for the opposite, so that its next apply would revert them."""

    kind: ClassVar[str] = "plan.contradicted"
    target: str
    desired: ResumeMode
    """Of all these changes."""
    task_ids: tuple[str, ...]


class BudgetCount(Struct, frozen=True, kw_only=True):
    """How far a plan goes into one limit."""

    limit: str
    """``max``, ``percent``, ``per_day``, ``per_source_instance`` or ``per_target_instance``."""
    target: str | None
    """None: all targets together."""
    count: int
    allowed: int
    note: str
    """What *allowed* is, in words: ``20% of 47 eligible``."""


class BudgetCounted(Struct, frozen=True, kw_only=True):
    """What a plan's changes in one direction come to, beside each limit that there is; of instances, the fullest."""

    kind: ClassVar[str] = "budget.counted"
    direction: ResumeMode
    counts: tuple[BudgetCount, ...]


class SelectionUnmatched(Struct, frozen=True, kw_only=True):
    """Patterns of ``--only`` fit no task of any target, which a slip of the finger would explain."""

    kind: ClassVar[str] = "selection.unmatched"
    patterns: tuple[str, ...]


class GlassBroken(Struct, frozen=True, kw_only=True):
    """A person has the run pass freeze and budgets, for the reason given."""

    kind: ClassVar[str] = "glass.broken"
    reason: str
    passed: tuple[str, ...]
    """What would have held changes back, one sentence each; empty: nothing would have."""


class PlanRefused(Struct, frozen=True, kw_only=True):
    """A guard said no. Nothing was sent."""

    kind: ClassVar[str] = "plan.refused"
    reasons: tuple[str, ...]
    hint: str | None = None


class PlanDeclined(Struct, frozen=True, kw_only=True):
    """A person at the prompt said no. Nothing was sent."""

    kind: ClassVar[str] = "plan.declined"


OfPlan: TypeAlias = (
    PlanBuilt | PlanContradicted | SelectionUnmatched | BudgetCounted | GlassBroken | PlanRefused | PlanDeclined
)
