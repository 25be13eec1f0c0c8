"""What a refused credential means: whether other credentials could help, or another clock. Values only: no I/O."""

from math import ceil
from time import gmtime, strftime
from typing import Final

from msgspec import Struct

from enforcer.core.text.skew import skew_text
from enforcer.dcs.api.codes import gateway_digits, implied_status, means_other_project
from enforcer.model.answer import Failure, FailureKind

LOCKED_S: Final = 300.0
"""For how long a key is locked after more than five failures in a row."""

SKEW_ALLOWED_S: Final = 300.0
"""A smaller difference of clocks is none to correct: the server allows 15 minutes."""

_OF_TIME: Final = ("signature expired", "x-sdk-date", "request time", "clock skew")


class Refusal(Struct, frozen=True, kw_only=True):
    """A request whose credentials were refused, and what was measured with it."""

    failure: Failure
    skew_s: float | None
    """How far this machine's clock is ahead of the server's, by the answer; None if it did not tell."""
    is_repeated: bool
    """Whether the same endpoint refused the credentials before, and accepted none since."""


def is_refused(failure: Failure) -> bool:
    """Whether *failure* is about who asks; a missing permission is not."""
    return failure.kind is FailureKind.DENIED and 401 in {failure.http_status, implied_status(failure.error_code)}


def shows_acceptance(failure: Failure) -> bool:
    """Whether a request that came to *failure* had its credentials accepted."""
    return failure.kind in {FailureKind.REJECTED, FailureKind.GONE} or failure.http_status == 403


def is_of_other_project(failure: Failure) -> bool:
    return means_other_project(failure.error_code)


def is_locked(failure: Failure) -> bool:
    return "reach the limit" in failure.message.lower()


def is_of_time(failure: Failure) -> bool:
    """Whether *failure* may come from a clock that is off."""
    text = failure.message.lower()
    return gateway_digits(failure.error_code) == "0303" or any(words in text for words in _OF_TIME)


def locked_hint(now: float) -> str:
    """Return what to do about a key that is locked at the Unix time *now*."""
    free = strftime("%H:%M", gmtime(ceil((now + LOCKED_S) / 60) * 60))
    return (
        f"The access key is locked after too many failures: do not rerun before {free} UTC, then check the secret key."
    )


def time_hint(skew_s: float) -> str:
    way_out = " Set this machine's clock." if abs(skew_s) > SKEW_ALLOWED_S else ""
    return f"The server allows 15 minutes, and {skew_text(skew_s)}.{way_out}"


def unsent(failure: Failure) -> Failure:
    """Return the failure of a request that is not sent, since *failure* says how it would end."""
    return Failure(
        kind=failure.kind,
        message=f"nothing was sent: {failure.message}",
        hint=failure.hint,
        error_code=failure.error_code,
    )
