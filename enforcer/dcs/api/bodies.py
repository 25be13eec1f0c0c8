"""Bodies of answers: JSON, and the shapes in which the service, the gateway and IAM report errors. No I/O."""

import json
from typing import Any, Final

import msgspec

from enforcer.dcs.api.texts import word

_CODE_AND_TEXT: Final = (("error_code", "error_msg"), ("errorCode", "errorMsg"), ("code", "message"))


class NotJsonError(ValueError):
    """The body is not JSON, or no JSON that can be trusted; the text names what it is, without any of the body."""


class _RepeatedNameError(ValueError):
    pass


class ApiError(msgspec.Struct, frozen=True, kw_only=True):
    """What a server said of an error. *text* is as it came."""

    code: str | None
    text: str
    request_id: str | None


def parsed(body: bytes) -> Any:
    """
    Return the value that *body* is the JSON of; raise NotJsonError for anything else.

    Refused with the rest: equal names in one object, NaN and infinities, numbers out of range, lone
    surrogates, a byte order mark, any encoding but UTF-8, and nesting deeper than Python's stack.
    """
    try:
        value = msgspec.json.decode(body)
        if not _is_all_of(value, body):
            _STRICT.decode(body.decode())
    except _RepeatedNameError as error:
        raise NotJsonError("JSON that has one name twice") from error
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise NotJsonError(_described(body)) from error
    return value


def error_in(body: bytes) -> ApiError | None:
    """Return the error that *body* reports, or None if it reports none or is not JSON."""
    try:
        return error_of(parsed(body))
    except NotJsonError:
        return None


def error_of(root: Any) -> ApiError | None:
    """Return the error that a parsed body reports, in any known shape, at the top or one level down."""
    if not isinstance(root, dict) or not root:
        return None
    for level in (root, *[value for value in root.values() if isinstance(value, dict)]):
        for code_name, text_name in _CODE_AND_TEXT:
            if level.get(code_name) or level.get(text_name):
                return _error(
                    level.get(code_name), level.get(text_name), level.get("request_id") or root.get("request_id")
                )
    return None


def _is_all_of(value: Any, body: bytes) -> bool:
    """Whether *body* is what *value* is written as, but for blanks between the tokens.

    Then no name is in it twice: of two equal names msgspec keeps the last without a word, and gives no way to see them.
    What is written otherwise, with escapes that need not be say, may be sound too. Only the standard library's parser
    shows every pair, and takes three times as long.
    """
    written = msgspec.json.encode(value)
    return written == body or written == msgspec.json.format(body, indent=-1)


def _check_names(pairs: list[tuple[str, Any]]) -> None:
    """Refuse equal names; return nothing, so that the second parser builds no second copy."""
    if len(dict(pairs)) != len(pairs):
        raise _RepeatedNameError


def _error(code: object, text: object, request_id: object) -> ApiError:
    return ApiError(code=word(code), text=text if isinstance(text, str) else "", request_id=word(request_id))


_STRICT: Final = json.JSONDecoder(object_pairs_hook=_check_names)


def _described(body: bytes) -> str:
    start = body.lstrip()[:1]
    return "an empty body" if not start else "an HTML page" if start == b"<" else "a body that is not JSON"
