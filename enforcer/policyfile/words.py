"""What scalars of a policy may say: text in, a checked value out.

Those that several keys share, and what the others are made of, which stand beside their keys.
"""

import re
from enum import Enum
from typing import Any, Final

from enforcer.core.overrides.ledger import LEAST_REASON
from enforcer.core.text import moment, quantity
from enforcer.model.rule import PolicyMode
from enforcer.policyfile.nodes import FORBIDDEN
from enforcer.policyfile.problems import listed, quoted, suggestion
from enforcer.policyfile.readers import Schema, Word

LINE: Final = rf"(?=.*\S)[^{FORBIDDEN}\t\n\r]{{1,100}}"
_LINES: Final = rf"(?=[\s\S]*\S)[^{FORBIDDEN}]{{1,1000}}"
# Counted from the first character that is not blank to the last; a bare number is no reason.
_FULL_LINES: Final = rf"(?![-+0-9.eE]*$)(?=\s*\S[\s\S]{{{LEAST_REASON - 2},}}\S)[^{FORBIDDEN}]{{1,1000}}"
COUNT: Final = r"0|[1-9][0-9]{0,8}"


def whole(pattern: str) -> str:
    """Return *pattern* for JSON Schema, which searches where `re.fullmatch` compares the whole text."""
    # The last part is for readers whose $ also matches before a newline at the end, as Python's does.
    return rf"^(?:{pattern})$(?!\n)"


def one_of(what: str, words: type[Enum]) -> Word:
    """Return the reader of an enumeration's values; *what* is the singular, like ``mode``."""
    values = [str(word.value) for word in words]

    def parse(text: str) -> Any:
        if text not in values:
            raise ValueError(f"unknown {what} {quoted(text)}; expected {listed(values)}{suggestion(text, values)}")
        return words(text)

    return Word(what=listed(values), parse=parse, json={"enum": values})


def as_string(pattern: str) -> Schema:
    """Return the schema of a text with letters in it, so that it is a string in JSON too."""
    return {"type": "string", "pattern": whole(pattern)}


def as_text(pattern: str) -> Schema:
    """Return the schema of a free text; a bare number or ``true`` is the text that stands there."""
    return {"type": ["string", "number", "boolean"], "pattern": whole(pattern)}


def as_code(pattern: str, longest: int) -> Schema:
    """Return the schema of a text of up to *longest* letters and digits; bare digits and ``true`` are such a text."""
    digits = {"type": "integer", "minimum": 0, "maximum": 10**longest - 1}
    return {"anyOf": [{"type": ["string", "boolean"], "pattern": whole(pattern)}, digits]}


def free_text(what: str, pattern: str, expected: str) -> Word:
    """Return the reader of a free text that fits *pattern*."""

    def parse(value: str) -> str:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"{quoted(value)} is no possible {what}; expected {expected}")
        return value

    return Word(what=expected, parse=parse, json=as_text(pattern))


def whole_number(low: int, high: int, pattern: str) -> Word:
    """Return the reader of a whole number; *pattern* fits the digits of exactly those from *low* to *high*."""
    what = f"a whole number from {low} to {high}"

    def parse(value: str) -> int:
        if not re.fullmatch(pattern, value):
            raise ValueError(f"{quoted(value)} is not possible here; expected {what}")
        return int(value)

    number = {"type": "integer", "minimum": low, "maximum": high}
    return Word(what=what, parse=parse, json={"anyOf": [number, {"type": "string", "pattern": whole(pattern)}]})


def _reason(text: str) -> str:
    return " ".join(_TEXT.parse(text).split())


def _full_reason(text: str) -> str:
    return " ".join(_FULL_TEXT.parse(text).split())


def _most(text: str) -> int | None:
    if text == quantity.UNLIMITED:
        return None
    if not re.fullmatch(COUNT, text):
        raise ValueError(f"{quoted(text)} is not possible here; expected {MOST.what}")
    return int(text)


LABEL: Final = free_text("name", LINE, "1 to 100 characters in one line, not all of them blank")
_TEXT: Final = free_text("reason", _LINES, "1 to 1000 characters, not all of them blank")
_FULL_TEXT: Final = free_text(
    "reason", _FULL_LINES, f"{LEAST_REASON} to 1000 characters, not counting blanks around them, and more than a number"
)
REASON: Final = Word(what=_TEXT.what, parse=_reason, json=_TEXT.json)
FULL_REASON: Final = Word(what=_FULL_TEXT.what, parse=_full_reason, json=as_string(_FULL_LINES))
TIME: Final = Word(
    what="a time like 2030-12-31T00:00:00Z", parse=moment.parse_time, json=as_string(moment.TIME_PATTERN)
)
MODE: Final = one_of("mode", PolicyMode)
MOST: Final = Word(
    what=f"a whole number from 0, or {quantity.UNLIMITED}",
    parse=_most,
    json={
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": 999_999_999},
            as_string(f"{COUNT}|{quantity.UNLIMITED}"),
        ]
    },
)
DURATION: Final = Word(
    what="a duration like 90s, 15m or 2h",
    parse=quantity.parse_duration,
    json=as_string(quantity.DURATION_PATTERN),
)
TARGET_NAME: Final = free_text("name", r"[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, dots, _ or -")
