"""Durations, shares and rates as people write them; knows nothing of flags or servers.

Each reader raises ValueError with what is wrong and what was expected.
"""

import math
import re
from dataclasses import dataclass

_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_PERIODS = {"s": (1.0, "1 second"), "m": (60.0, "1 minute"), "h": (3600.0, "1 hour")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """At most *count* requests in any window of *period* seconds."""

    count: int
    period: float
    label: str
    """The period in the gateway's own words, such as ``1 second``."""


def duration(text: str) -> float:
    """Return the seconds of ``50ms``, ``2s``, ``1.5m`` or ``24h``."""
    found = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no duration; expected a number with ms, s, m or h, such as 50ms")
    return float(found[1]) * _SECONDS[found[2]]


def share(text: str) -> float:
    """Return a number from 0 to 1 for ``5%`` or ``0.05``."""
    number = text.strip()
    try:
        value = float(number.removesuffix("%")) / (100 if number.endswith("%") else 1)
    except ValueError:
        value = math.nan
    if not 0 <= value <= 1:
        raise ValueError(f"{text!r} is no share; expected 0% to 100%, or 0 to 1")
    return value


def rate(text: str) -> Rate:
    """Return the rate of ``20/s``, ``60/m`` or ``1000/h``."""
    found = re.fullmatch(r"([1-9][0-9]*)/([smh])", text.strip())
    if found is None:
        raise ValueError(f"{text!r} is no rate; expected a whole number per s, m or h, such as 20/s")
    period, label = _PERIODS[found[2]]
    return Rate(count=int(found[1]), period=period, label=label)
