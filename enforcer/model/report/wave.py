"""What a report says of a wave and its gate."""

from enum import StrEnum

from msgspec import Struct


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
