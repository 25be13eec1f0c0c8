"""What the scalars of a policy may say: text in, a checked value out."""

import re
from enum import Enum
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from enforcer.core.overrides.ledger import LEAST_REASON, OVERRIDE_ID_PATTERN
from enforcer.core.patterns import pattern
from enforcer.core.text import endpoint, moment, quantity
from enforcer.model.limits import Rate
from enforcer.model.notify import Notify
from enforcer.model.rollout import OnFail, Share
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.policyfile.fields import Schema, Word
from enforcer.policyfile.nodes import FORBIDDEN
from enforcer.policyfile.problems import listed, quoted, suggestion

_LINE: Final = rf"(?=.*\S)[^{FORBIDDEN}\t\n\r]{{1,100}}"
_LINES: Final = rf"(?=[\s\S]*\S)[^{FORBIDDEN}]{{1,1000}}"
# Counted from the first character that is not blank to the last; a bare number is no reason.
_FULL_LINES: Final = rf"(?![-+0-9.eE]*$)(?=\s*\S[\s\S]{{{LEAST_REASON - 2},}}\S)[^{FORBIDDEN}]{{1,1000}}"
_WAVE: Final = r"[1-9][0-9]{0,8}|(?:[1-9][0-9]?|100)%"
_COUNT: Final = r"0|[1-9][0-9]{0,8}"
_WEEK: Final = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
_DAYS: Final = rf"(?:{'|'.join(_WEEK)})(?:-(?:{'|'.join(_WEEK)}))?"
_CLOCK: Final = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
_ZONE: Final = r"[A-Za-z][A-Za-z0-9_+-]{0,31}(?:/[A-Za-z0-9_+-]{1,31}){0,2}"
_DIRECTIONS: Final = {f"to_{mode}": mode for mode in ResumeMode}
_PERCENT: Final = r"(?:0|[1-9][0-9]?|100)%"


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


def _version(text: str) -> int:
    if text != "1":
        raise ValueError(f"unknown version {quoted(text)}; expected 1")
    return 1


def _pattern(text: str) -> str:
    if {"\t", "\n", "\r"} & set(text):
        raise ValueError("a pattern has a tab or a line break in it; expected one line")
    pattern.parse(text)
    return text


def _reason(text: str) -> str:
    return " ".join(_TEXT.parse(text).split())


def _full_reason(text: str) -> str:
    return " ".join(_FULL_TEXT.parse(text).split())


def _most(text: str) -> int | None:
    if text == quantity.UNLIMITED:
        return None
    if not re.fullmatch(_COUNT, text):
        raise ValueError(f"{quoted(text)} is not possible here; expected {MOST.what}")
    return int(text)


def _share(text: str) -> int | None:
    if text == quantity.UNLIMITED:
        return None
    if not re.fullmatch(_PERCENT, text):
        raise ValueError(f"{quoted(text)} is not possible here; expected {SHARE.what}")
    return int(text.removesuffix("%"))


def _days(text: str) -> frozenset[int]:
    if not re.fullmatch(_DAYS, text):
        raise ValueError(f"{quoted(text)} is no day; expected {DAYS.what}{suggestion(text, _WEEK)}")
    first, _, last = text.partition("-")
    begin, end = _WEEK.index(first), _WEEK.index(last or first)
    return frozenset((begin + step) % 7 for step in range((end - begin) % 7 + 1))


def _clock(text: str) -> int:
    if not re.fullmatch(_CLOCK, text):
        raise ValueError(f"{quoted(text)} is no time of day; expected {CLOCK.what}")
    hours, minutes = text.split(":")
    return int(hours) * 60 + int(minutes)


def _zone(text: str) -> ZoneInfo:
    # The pattern keeps the name from being a path to something else.
    if not re.fullmatch(_ZONE, text):
        raise ValueError(f"{quoted(text)} is no time zone; expected {ZONE.what}")
    try:
        return ZoneInfo(text)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(f"unknown time zone {quoted(text)}; expected {ZONE.what}") from None


def _direction(text: str) -> ResumeMode:
    if text not in _DIRECTIONS:
        known = list(_DIRECTIONS)
        raise ValueError(f"unknown direction {quoted(text)}; expected {listed(known)}{suggestion(text, known)}")
    return _DIRECTIONS[text]


def _wave(text: str) -> Share:
    if not re.fullmatch(_WAVE, text):
        raise ValueError(f"{quoted(text)} is not possible here; expected {WAVE.what}")
    return Share(number=int(text.rstrip("%")), is_percent=text.endswith("%"))


def _bake(text: str) -> int:
    return 0 if text == "0s" else quantity.parse_duration(text)


def _target_rate(text: str) -> Rate:
    rate = quantity.parse_rate(text)
    if rate is None:
        raise ValueError("the rate of one target cannot be unlimited; expected a rate like 5/s, or no key here")
    return rate


VERSION: Final = Word(what="1", parse=_version, json={"enum": [1, "1"]})
LABEL: Final = free_text("name", _LINE, "1 to 100 characters in one line, not all of them blank")
_TEXT: Final = free_text("reason", _LINES, "1 to 1000 characters, not all of them blank")
_FULL_TEXT: Final = free_text(
    "reason", _FULL_LINES, f"{LEAST_REASON} to 1000 characters, not counting blanks around them, and more than a number"
)
REASON: Final = Word(what=_TEXT.what, parse=_reason, json=_TEXT.json)
FULL_REASON: Final = Word(what=_FULL_TEXT.what, parse=_full_reason, json=as_string(_FULL_LINES))
DECIDER: Final = free_text("decider", _LINE, "a rule's id, default, not eligible, or override and its id")
VALUE: Final = free_text("value", rf"[^{FORBIDDEN}\t\n\r]{{1,256}}", "1 to 256 characters in one line")
OVERRIDE_ID: Final = free_text(
    "name", OVERRIDE_ID_PATTERN, "1 to 64 letters, digits, dots, _ or -, a letter or digit first"
)
TIME: Final = Word(
    what="a time like 2030-12-31T00:00:00Z", parse=moment.parse_time, json=as_string(moment.TIME_PATTERN)
)
PRIORITY: Final = whole_number(-1000, 1000, r"0|-?(?:[1-9][0-9]{0,2}|1000)")
CONCURRENCY: Final = whole_number(1, 256, r"[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-6]")
MAX_INVENTORY: Final = whole_number(1, 9_999_999, "[1-9][0-9]{0,6}")
MODE: Final = one_of("mode", PolicyMode)
MOST: Final = Word(
    what=f"a whole number from 0, or {quantity.UNLIMITED}",
    parse=_most,
    json={
        "anyOf": [
            {"type": "integer", "minimum": 0, "maximum": 999_999_999},
            as_string(f"{_COUNT}|{quantity.UNLIMITED}"),
        ]
    },
)
SHARE: Final = Word(
    what=f"a whole share from 0% to 100%, like 20%, or {quantity.UNLIMITED}",
    parse=_share,
    json=as_string(f"{_PERCENT}|{quantity.UNLIMITED}"),
)
DAYS: Final = Word(what="a day or a range of days, like Mon or Mon-Fri", parse=_days, json=as_string(_DAYS))
CLOCK: Final = Word(what="hours and minutes from 00:00 to 24:00, like 08:00", parse=_clock, json=as_string(_CLOCK))
ZONE: Final = Word(
    what="a name like Europe/Berlin or UTC",
    parse=_zone,
    # A bare true is text like any other: a name that no zone has.
    json={"type": ["string", "boolean"], "pattern": whole(_ZONE)},
)
DIRECTION: Final = Word(what=listed(_DIRECTIONS), parse=_direction, json={"enum": list(_DIRECTIONS)})
POPULATION: Final = whole_number(0, 999_999_999, _COUNT)
RATE: Final = Word(
    what="a rate like 5/s, or unlimited", parse=quantity.parse_rate, json=as_string(quantity.RATE_PATTERN)
)
TARGET_RATE: Final = Word(
    what="a rate like 5/s", parse=_target_rate, json=as_string(rf"(?!unlimited)(?:{quantity.RATE_PATTERN})")
)
WAVE: Final = Word(
    what="a number of changes from 1, or a share of them from 1% to 100%",
    parse=_wave,
    json={"anyOf": [{"type": "integer", "minimum": 1, "maximum": 999_999_999}, as_string(_WAVE)]},
)
BAKE: Final = Word(
    what="a duration like 90s, 15m or 2h, or 0s",
    parse=_bake,
    json=as_string(f"0s|{quantity.DURATION_PATTERN}"),
)
ON_FAIL: Final = one_of("answer to a failed gate", OnFail)
DURATION: Final = Word(
    what="a duration like 90s, 15m or 2h",
    parse=quantity.parse_duration,
    json=as_string(quantity.DURATION_PATTERN),
)
NOTIFY: Final = one_of("time to notify", Notify)
KEEP: Final = Word(
    what="a number of days like 400d, or unlimited", parse=quantity.parse_keep, json=as_string(quantity.KEEP_PATTERN)
)
TARGET_NAME: Final = free_text("name", r"[A-Za-z0-9._-]{1,64}", "1 to 64 letters, digits, dots, _ or -")
REGION: Final = Word(
    what="a region like eu-west-101", parse=endpoint.check_region, json=as_code(endpoint.REGION_PATTERN, 64)
)
PROJECT_ID: Final = Word(
    what="a project id", parse=endpoint.check_project_id, json=as_code(endpoint.PROJECT_ID_PATTERN, 64)
)
ENDPOINT: Final = Word(what="an https URL", parse=endpoint.check_endpoint, json=as_string(endpoint.ENDPOINT_PATTERN))
PATTERN: Final = Word(
    what="a pattern",
    parse=_pattern,
    json=as_text(rf"[^{FORBIDDEN}\t\n\r]{{1,{pattern.MAX_LENGTH}}}"),
)
