"""The way in which a target's changes are sent, and what each of them risks."""

from enum import StrEnum

from msgspec import Struct

from enforcer.model.plan import Change


class Risk(StrEnum):
    """How likely a full synchronisation of one task is to hurt others."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Rated(Struct, frozen=True, kw_only=True):
    """A change to auto and what it may do to others."""

    change: Change
    risk: Risk
    reasons: tuple[str, ...]
    """What the risk comes from, in words; () for a low one."""


class Route(Struct, frozen=True, kw_only=True):
    """The way in which the changes of one target are sent."""

    target: str
    first: tuple[Change, ...] = ()
    """Changes to manual: they only lower risk, so they go before all others and at full rate."""
    waves: tuple[tuple[Rated, ...], ...] = ()
    """Changes to auto, the first wave first; no wave is empty."""
