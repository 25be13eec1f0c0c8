"""How far this machine's clock is from a server's, in words, and when that is worth a word. Pure."""

from typing import Final

WORTH_TELLING_S: Final = 60.0
"""Below that, the answers' whole seconds and their way here are part of it, and nothing depends on it yet."""

HINT: Final = (
    "Set this machine's clock, by NTP say: requests whose time is more than 15 minutes off are refused, "
    "and what is due by the clock is due at the wrong time."
)


class ClockWatch:
    """Remembers what was told of one server's clock, so that each difference is told once."""

    def __init__(self) -> None:
        self._told_s = 0.0

    def is_news(self, skew_s: float) -> bool:
        """Take in *skew_s* and return whether it differs by more than a minute from what was told last."""
        if abs(skew_s - self._told_s) <= WORTH_TELLING_S:
            return False
        self._told_s = skew_s
        return True


def skew_text(skew_s: float) -> str:
    """Return "this machine's clock is 1203 s behind the server's"; *skew_s* is how far it is ahead."""
    return f"this machine's clock is {abs(skew_s):.0f} s {'ahead of' if skew_s > 0 else 'behind'} the server's"
