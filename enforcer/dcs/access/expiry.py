"""When credentials with an end are to be renewed. No clock: the present time arrives as *now*, in Unix seconds."""

from datetime import UTC, datetime
from typing import Final

TOKEN_MARGIN_S: Final = 1800.0
"""Huawei advises to look that enough time is left on a token, which lives for 24 hours."""

KEY_MARGIN_S: Final = 600.0
"""An ECS shows its next keys ten minutes before the present ones expire."""


def unix_time(text: object) -> float | None:
    """Return the Unix time that *text* is the ISO form of, with or without a fraction; None if it is none."""
    if not isinstance(text, str):
        return None
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def token_renewal(*, issued: float | None, expires: float | None, now: float) -> float | None:
    """
    Return when to renew a token: 30 minutes before its end, or a tenth of its lifetime if that is less.

    Counted from *now* by the lifetime, so that a local clock that is off does not matter.
    """
    if expires is None:
        return None
    lifetime = expires - (now if issued is None else issued)
    return now + lifetime - min(TOKEN_MARGIN_S, lifetime / 10) if lifetime > 0 else None


def key_renewal(expires: float | None) -> float | None:
    """Return when to renew a temporary key."""
    return None if expires is None else expires - KEY_MARGIN_S
