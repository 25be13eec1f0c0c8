"""When people are to be told of a run."""

from enum import StrEnum


class Notify(StrEnum):
    """When people are told of a run."""

    ALWAYS = "always"
    CHANGE = "change"
    """When it ended otherwise than the one before, or found or left something that that one did not."""
    NEVER = "never"
