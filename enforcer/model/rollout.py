"""How changes to auto go out: in waves, lowest risk first, each watched before the next one begins.

What a policy says of it, and no more: how changes become waves is `core.rollout.waves`'s business.
"""

from enum import StrEnum

from msgspec import Struct


class OnFail(StrEnum):
    """What happens when the gate of a wave fails; no later wave begins either way."""

    STOP = "stop"
    """What was changed stays."""
    REVERT_WAVE = "revert_wave"
    """The wave's tasks are set back to the modes that they had."""


class Share(Struct, frozen=True, kw_only=True):
    """How much of a target's changes to auto are made when a wave is over, the waves before it included."""

    number: int
    is_percent: bool = False

    def __str__(self) -> str:
        return f"{self.number}%" if self.is_percent else str(self.number)


ALL = Share(number=100, is_percent=True)


class Gate(Struct, frozen=True, kw_only=True):
    """How many of a wave's tasks may do worse than stay as they were; None is ``unlimited``, spelled in the policy."""

    max_full_sync: int | None = 0
    """Tasks that moved into a full synchronisation."""
    max_failed: int | None = 0
    """Tasks that moved into a failed status, or whose status cannot be read."""
    max_call_errors: int | None = 0
    """Changes whose request failed for good, or whose answer was lost."""


DEFAULT_GATE = Gate()


class Rollout(Struct, frozen=True, kw_only=True):
    """The order and the pace of a target's changes to auto. What a policy leaves out is a built-in default."""

    waves: tuple[Share, ...] = (Share(number=1), Share(number=3), Share(number=25, is_percent=True), ALL)
    """How far each wave goes; whatever they say, one more wave makes the rest."""
    bake_s: int = 15
    """How long each wave is watched; 0: one look."""
    poll_s: int = 5
    """The time from one look to the next."""
    gate: Gate = DEFAULT_GATE
    on_fail: OnFail = OnFail.STOP


DEFAULT_ROLLOUT = Rollout()
