"""What a server says of when it may be asked again, and how often. No I/O, no clock.

What is not exactly in a known form says nothing: a wrong guess would stop a run, or make it wait for hours.
"""

import re
from calendar import timegm
from collections.abc import Mapping
from email.utils import formatdate, parsedate
from typing import Final

from enforcer.model.limits import Rate

_SECONDS: Final = re.compile(r"-?[0-9]{1,6}", re.ASCII)
_HTTP_DATE: Final = re.compile(r"[A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} GMT", re.ASCII)
_LIMIT: Final = re.compile(
    r"\blimit:\s?([1-9][0-9]{0,8}),\s?time:\s?([1-9][0-9]{0,4})\s?(second|minute|hour|day)s?\b",
    re.ASCII | re.IGNORECASE,
)
_UNITS: Final = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def retry_after(headers: Mapping[str, str], *, received_at: float | None) -> float | None:
    """
    Return the seconds to wait by ``Retry-After``, 0 for a time that is past; None if it is not said once and validly.

    A date counts from the answer's own ``Date``, else from *received_at*, Unix time by this machine's clock.
    """
    value = _once(headers, "Retry-After")
    if _SECONDS.fullmatch(value):
        return max(0.0, float(value))
    until, told = http_date(value), http_date(_once(headers, "Date"))
    now = received_at if told is None else told
    return None if until is None or now is None else max(0.0, until - now)


def named_limit(text: str) -> Rate | None:
    """Return the limit that the gateway's *text* names ("limit:60,time:1 minute"), if it names exactly one."""
    found = {(int(count), int(times) * _UNITS[unit.lower()]) for count, times, unit in _LIMIT.findall(text)}
    if len(found) != 1:
        return None
    ((count, period),) = found
    return Rate(count=count, period=period, text=_spelled(count, period))


def http_date(text: str) -> int | None:
    """Return the Unix time that *text* is the one HTTP date of (IMF-fixdate), or None for any other text."""
    fields = parsedate(text) if _HTTP_DATE.fullmatch(text) else None
    try:
        at = timegm(fields) if fields else None
        # The parser is lenient: only what is written back the same was a date.
        return at if at is not None and formatdate(at, usegmt=True) == text else None
    except (ValueError, OverflowError):
        return None


def _once(headers: Mapping[str, str], name: str) -> str:
    """Return the header's value; "" if it is missing, or there twice with different values."""
    values = {value for key, value in headers.items() if key.lower() == name.lower()}
    return values.pop() if len(values) == 1 else ""


def _spelled(count: int, period: int) -> str:
    """Return a rate as a policy would have it, where it can."""
    unit = {1: "s", 60: "m", 3600: "h"}.get(period)
    return f"{count}/{unit}" if unit else f"{count} per {period} s"
