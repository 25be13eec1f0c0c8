"""How a decision about one task came about, rung by rung."""

from enum import StrEnum

from msgspec import Struct

from enforcer.model.plan import Decision
from enforcer.model.rule import Origin, PolicyMode
from enforcer.model.task import Task


class Verdict(StrEnum):
    """What one rung of the ladder said."""

    DECIDES = "decides"
    HIT = "hit"
    """It would decide, were it not for one above it."""
    MISS = "miss"
    PASSED = "passed"
    """It lets the task through to the next rung."""
    OVER = "over"
    """Its time is over, so it is not asked."""


class Rung(Struct, frozen=True, kw_only=True):
    """One thing that was asked, in its order."""

    name: str
    """``eligible``, ``override ID``, ``rule ID`` or ``default``."""
    verdict: Verdict
    mode: PolicyMode | None
    """What it asks for; None: it asks for nothing."""
    origin: Origin | None
    detail: str | None
    """Of a miss, the first condition that failed: field, what was wanted, and what the task has."""
    reason: str | None = None


class Explanation(Struct, frozen=True, kw_only=True):
    task: Task
    decision: Decision
    decided_by: str
    """A rule's id, ``default``, ``not eligible`` or ``override ID``."""
    rungs: tuple[Rung, ...]
    otherwise: Decision | None
    """What would be decided without what decides; None: nothing could be taken away."""
    otherwise_by: str | None
    held: str | None = None
    """Why a run at that time would not send the change all the same: frozen, over budget; None: nothing holds it."""
