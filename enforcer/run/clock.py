"""The one reading of the wall clock that decisions rest on."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """Return the present as an aware time."""
    return datetime.now(UTC)
