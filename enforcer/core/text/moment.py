"""Points in time as people write them, in policies and in flags: RFC 3339, with a zone. In UTC on the way out."""

import re
from datetime import UTC, datetime
from typing import Final

from enforcer.core.text.visible import visible

TIME_PATTERN: Final = (
    r"[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
    r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,6})?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
"""A regular expression over the whole text that Python and JSON Schema read alike."""
_LAST_AT: Final = 253_402_300_799.0
"""The last second that a date can say: the end of credentials comes from outside and may be anything."""


def parse_time(text: str) -> datetime:
    """Return the aware time, in UTC, that *text* spells; raise ValueError("what is wrong; what was expected")."""
    shown = visible(text, 60)
    if not re.fullmatch(TIME_PATTERN, text):
        raise ValueError(f"'{shown}' is no time; expected a date, time and zone like 2030-12-31T00:00:00Z")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"'{shown}' is in no calendar; expected a day that exists") from None


def time_text(moment: datetime) -> str:
    """Return *moment*, an aware time, for people: to the second, in UTC."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def utc_text(at: float) -> str:
    """Return *at*, Unix time in seconds, as reports write it: RFC 3339, UTC, milliseconds; within 1970 to 9999."""
    return (
        datetime.fromtimestamp(min(max(at, 0.0), _LAST_AT), UTC)
        .isoformat(timespec="milliseconds")
        .replace("+00:00", "Z")
    )
