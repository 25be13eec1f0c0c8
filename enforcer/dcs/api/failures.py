"""What a failed request means: (call, answer) -> Failure. Total over any input; no I/O.

An answer is judged by its own status and body, never by the exception of a library.
"""

import re
from http import HTTPStatus
from typing import Final

from enforcer.dcs.api import codes
from enforcer.dcs.api.bodies import ApiError, error_in
from enforcer.dcs.api.call import TOKEN, Answer, Call
from enforcer.dcs.api.texts import plain, shortened, word
from enforcer.dcs.api.throttling import named_limit, retry_after
from enforcer.model.answer import Failure, FailureKind

_WAITING: Final = frozenset({FailureKind.THROTTLED, FailureKind.TRANSIENT})
NOT_DCS_HINT: Final = "What answers there is not the DCS API: check the endpoint and the region."

# Of where a redirect points to, only a host is ever shown: the rest may hold anything.
_HOST: Final = re.compile(r"(?:https?:)?//(?:[^/?#@]*@)?([a-z0-9.-]{1,100})(?=[:/?#]|$)", re.ASCII | re.IGNORECASE)

# The gateway's 401 has one code and many texts; the first line that fits gives the way out.
_LOCKED_HINT: Final = (
    "The access key is locked for 5 minutes after too many failures: do not rerun for 5 minutes, "
    "then check the secret key."
)
_CLOCK_HINT: Final = "The signature's time is more than 15 minutes off: check the clock of this machine."
_NO_KEY_HINT: Final = "There is no such access key: check it, and that the endpoint is of the same cloud."
_WRONG_KEY_HINT: Final = (
    "The secret key does not fit the access key: check it before running again; "
    "more than 5 failures lock the key for 5 minutes."
)
_BAD_TOKEN_HINT: Final = "The token is invalid or has expired: get a new one."  # noqa: S105 - a message
_DENIED_HINTS: Final = (
    (("reach the limit", "locked"), _LOCKED_HINT),
    (("signature expired", "x-sdk-date", "request time", "clock skew"), _CLOCK_HINT),
    (("ak not exist",), _NO_KEY_HINT),
    (("signature fail", "signature does not match", "signature not match"), _WRONG_KEY_HINT),
    (("token",), _BAD_TOKEN_HINT),
)
_DENIED_HINT: Final = (
    "Check the credentials before running again: more than 5 failures lock an access key for 5 minutes."
)
_OTHER_PROJECT_HINT: Final = "The token belongs to another project: use one of this project, or another project id."
_NO_PROJECT: Final = "0310"
_NO_PROJECT_HINT: Final = "Check the project id, and that the project is one of this region and of this account."
_USER_HINT: Final = (
    "Check the user, the password and the account (domain) name; a HUAWEI ID cannot get a token, an IAM user can."
)


def classify(call: Call, answer: Answer) -> Failure:
    """Return what *answer* means when it is no success."""
    error = error_in(answer.body)
    code = error.code if error else None
    status: int | None = answer.status
    if 200 <= answer.status < 300:
        if error is None:
            return unusable(call, answer, "something unexpected")
        # An error in the guise of a success: its code tells more than the status.
        status = codes.implied_status(code)
    kind = _unusable(call) if status is None else _kind(call, status, code)
    return Failure(
        kind=kind,
        message=shortened(f"{call.noun} was answered with {_said(answer, error)}"),
        hint=_hint(call, kind, status, error),
        http_status=answer.status,
        error_code=code,
        request_id=(error.request_id if error else None) or request_id(answer),
        retry_after_s=retry_after(answer.headers, received_at=answer.received_at) if kind in _WAITING else None,
        limit=named_limit(error.text) if error and kind is FailureKind.THROTTLED else None,
    )


def unusable(call: Call, answer: Answer, what: str) -> Failure:
    """Return the failure of an answer that looks like success and is none; *what* names what came."""
    return Failure(
        kind=_unusable(call),
        message=shortened(f"{call.noun} was answered with {answer.status} and {what}"),
        hint=None if call.changes else NOT_DCS_HINT,
        http_status=answer.status,
        request_id=request_id(answer),
    )


def unanswered(call: Call, what: str) -> Failure:
    """Return the failure of a request that was sent and got no complete answer; *what* says how it ended."""
    return Failure(kind=_lost(call), message=shortened(f"{call.noun} got no usable answer: {what}"))


def request_id(answer: Answer) -> str | None:
    """Return the id under which the provider can find the request, if it gave a sound one."""
    return word(answer.headers.get("X-Request-Id")) or word(answer.headers.get("X-IAM-Trace-Id"))


def _unusable(call: Call) -> FailureKind:
    return FailureKind.LOST if call.changes else FailureKind.PROTOCOL


def _lost(call: Call) -> FailureKind:
    return FailureKind.LOST if call.changes else FailureKind.TRANSIENT


def _kind(call: Call, status: int, code: str | None) -> FailureKind:  # noqa: PLR0911 - one line for each rule
    if status == 429 or codes.means_throttled(code):
        return FailureKind.THROTTLED
    if status == 401 or (400 <= status < 500 and codes.implied_status(code) == 401):
        return FailureKind.DENIED
    if status in {502, 504} or codes.means_backend_timeout(code):
        return _lost(call)
    if call.one_task and 400 <= status < 500 and codes.means_no_such_task(status, code):
        return FailureKind.GONE
    if status == 403 and call.ends_run:
        return FailureKind.DENIED
    if status == 404:
        return FailureKind.PROTOCOL
    if 400 <= status < 500:
        return FailureKind.REJECTED
    if 500 <= status < 600:
        return FailureKind.TRANSIENT
    return FailureKind.PROTOCOL


def _said(answer: Answer, error: ApiError | None) -> str:
    if 300 <= answer.status < 400:
        return f"{answer.status}, a redirect{_elsewhere(answer)}, which is never followed"
    if error is None:
        return _named(answer.status)
    code = f" {error.code}" if error.code and error.code != str(answer.status) else ""
    text = plain(error.text, secrets=answer.secrets)
    return f"{answer.status}{code}: {text}" if text else f"{_named(answer.status)}{code}"


def _elsewhere(answer: Answer) -> str:
    match = _HOST.match(answer.headers.get("Location", ""))
    return f" to {match[1]}" if match else ""


def _named(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def _hint(call: Call, kind: FailureKind, status: int | None, error: ApiError | None) -> str | None:
    if kind is FailureKind.PROTOCOL:
        return NOT_DCS_HINT
    if error is not None and codes.gateway_digits(error.code) == _NO_PROJECT:
        return _NO_PROJECT_HINT
    if status == 403 and call.permission:
        return f"The credentials need the permission {call.permission}."
    if kind is FailureKind.DENIED and status != 403:
        return _denied_hint(call, error)
    return None


def _denied_hint(call: Call, error: ApiError | None) -> str:
    if call is TOKEN:
        return _USER_HINT
    if error is None:
        return _DENIED_HINT
    if codes.means_other_project(error.code):
        return _OTHER_PROJECT_HINT
    text = error.text.lower()
    return next((hint for words, hint in _DENIED_HINTS if any(word in text for word in words)), _DENIED_HINT)
