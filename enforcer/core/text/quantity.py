"""Rates and durations as people write them, in policies and in flags.

Text in, numbers out: nothing here knows where the text came from. The patterns are regular expressions over the
whole text that Python and JSON Schema read alike.
"""

import re
from fractions import Fraction
from typing import Final

from enforcer.model.limits import Rate

UNLIMITED: Final = "unlimited"
KEEP_PATTERN: Final = r"unlimited|(?:[7-9]|[1-9][0-9]{1,4})d"
RATE_PATTERN: Final = r"unlimited|(?!0(?:\.0+)?/)(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,3})?/[smh]"
DURATION_PATTERN: Final = r"[1-9][0-9]{0,5}[smh]"
FASTEST_PER_SECOND: Final = 100_000

_SECONDS: Final = {"s": 1, "m": 60, "h": 3600}
_RATE: Final = re.compile(RATE_PATTERN)
_NOTHING: Final = re.compile(r"-?0+(?:\.0*)?(?:/[smh])?")
_KEEP: Final = re.compile(KEEP_PATTERN)
_DURATION: Final = re.compile(DURATION_PATTERN)


def parse_rate(text: str) -> Rate | None:
    """Return the rate that *text* spells, or None for ``unlimited``.

    ``60/m`` is 60 starts in every 60 s; a fraction becomes whole starts in a longer period: ``2.5/s`` is 5 in 2 s.
    Raises ValueError("what is wrong; what was expected").
    """
    if text == UNLIMITED:
        return None
    if _NOTHING.fullmatch(text):
        raise ValueError(f"a rate of {text!r} would never send anything; expected more than 0, like 0.5/s")
    if not _RATE.fullmatch(text):
        raise ValueError(
            f"{text!r} is no rate; expected N/s, N/m or N/h with at most 3 decimals, like 5/s or 0.5/s, or {UNLIMITED}"
        )
    number, unit = text.split("/")
    amount = Fraction(number)
    rate = Rate(count=amount.numerator, period=amount.denominator * _SECONDS[unit], text=text)
    if rate.per_second > FASTEST_PER_SECOND:
        raise ValueError(f"a rate of {text!r} is too high; expected at most {FASTEST_PER_SECOND}/s, or {UNLIMITED}")
    return rate


def parse_duration(text: str) -> int:
    """Return the whole seconds that *text* spells, at least 1; raise ValueError("what is wrong; what was expected")."""
    if not _DURATION.fullmatch(text):
        raise ValueError(
            f"{text!r} is no duration; expected a whole number of s, m or h from 1 to 999999, like 90s, 15m or 2h"
        )
    return int(text[:-1]) * _SECONDS[text[-1]]


def parse_keep(text: str) -> int | None:
    """Return the whole days that *text* spells, or None for ``unlimited``; raise ValueError like `parse_duration`."""
    if not _KEEP.fullmatch(text):
        raise ValueError(f"{text!r} is not possible here; expected days from 7d to 99999d, like 400d, or {UNLIMITED}")
    return None if text == UNLIMITED else int(text[:-1])
