"""What earlier runs did to one target, the same endpoint and project: all that a later run is judged by."""

from typing import Final

from msgspec import Struct

from enforcer.model.task import ResumeMode

DAY_S = 24 * 60 * 60

LATER: Final = 1_000_000_000
"""The first number of what is added once a run is over: below it is room for all that it told, recorded or not."""


class Spent(Struct, frozen=True, kw_only=True):
    """One change that was sent and may have taken effect."""

    task_id: str
    direction: ResumeMode
    at: float
    """When it was sent last, Unix time in seconds."""

    @property
    def frees_at(self) -> float:
        """When it no longer counts."""
        return self.at + DAY_S


class Setting(Struct, frozen=True, kw_only=True):
    """One task that a run set to a mode, as the API took it or a read showed it."""

    task_id: str
    mode: ResumeMode
    at: float
    """Unix time in seconds."""
    by_name: bool
    """Whether a person asked for it by name: an override or an undo."""


class SetSince(Struct, frozen=True, kw_only=True):
    """Which run set a task last, after the one that is looked back on, and to which mode."""

    run_id: str
    mode: ResumeMode


class Baseline(Struct, frozen=True, kw_only=True):
    """What the last good run listed: one that came to its end, over a list that did not change meanwhile."""

    run_id: str
    tasks: int


class History(Struct, frozen=True, kw_only=True):
    """What the journal says of one target."""

    spent: tuple[Spent, ...] = ()
    """Of the last 24 hours, the oldest first."""
    baseline: Baseline | None = None
    """None: there was no good run yet."""
    fought: frozenset[tuple[str, ResumeMode]] = frozenset()
    """Tasks and modes that were set so often of late that finding them reset again is a fight."""
    contested: frozenset[tuple[str, ResumeMode]] = frozenset()
    """Those that were found so before, and that nobody has cleared since."""

    def sent(self, direction: ResumeMode) -> int:
        """Return how many changes in *direction* count against ``per_day``."""
        return sum(each.direction is direction for each in self.spent)
