"""How the simulator is to behave. One field per flag of ``enforcer simulator``; knows nothing of flags."""

from dataclasses import dataclass

from enforcer.simulator.quantities import Rate


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Shares go from 0 to 1, durations are seconds, None means never or without limit."""

    tasks: int = 60
    drift: float = 0.0
    """Share of the governed tasks that start with the opposite mode; see ``inventory.rows``."""
    seed: int = 1
    """Decides names, ids, keys and every chance."""
    limit: Rate | None = None
    retry_after: int | None = None
    """Whole seconds in the ``Retry-After`` header of each 429; None sends no such header."""
    latency: float = 0.0
    jitter: float = 0.0
    """Share of *latency* by which an answer may be earlier or later."""
    fail: float = 0.0
    ack_without_apply: float = 0.0
    vanish: int = 0
    """How many of the tasks that a PUT reaches are gone when it does."""
    deny_after: int | None = None
    full_sync_share: float = 0.0
    full_sync_for: float = 60.0
    missing_mode: float = 0.0
    max_page: int = 1000
    """Most rows on one page, however many were asked for."""
    hostile: bool = False
    token_for: float = 86400.0
    temporary_keys: bool = False
