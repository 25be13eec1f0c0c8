"""What can happen to a wave of changes to auto."""

from typing import ClassVar, TypeAlias

from msgspec import Struct


class RolloutPlanned(Struct, frozen=True, kw_only=True):
    """A target's changes to auto are sorted into waves."""

    kind: ClassVar[str] = "rollout.planned"
    target: str
    waves: tuple[int, ...]
    """How many changes each wave has, the first wave first."""
    shows: int
    """Details calls made to learn bandwidth limits."""
    bake_s: int = 0
    """How long each wave is to be watched."""


class WaveStarted(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "wave.started"
    target: str
    wave: int
    """From 1."""
    waves: int
    changes: int


class BakeStarted(Struct, frozen=True, kw_only=True):
    """The wave is sent; for *bake_s* seconds its tasks are watched."""

    kind: ClassVar[str] = "bake.started"
    target: str
    wave: int
    waves: int
    bake_s: int


class WaveJudged(Struct, frozen=True, kw_only=True):
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


OfWave: TypeAlias = RolloutPlanned | WaveStarted | BakeStarted | WaveJudged
