r"""The pattern language of policies and of ``--only``: globs over the whole value, or ``re:`` and an RE2 expression.

``*`` any text, ``?`` one character, ``[a-z]`` and ``[!a-z]`` one of a set, ``\`` takes the next character as it is.
Case counts. RE2 matches in time linear in the value, whatever the expression.
"""

from collections.abc import Iterator, Sequence
from enum import IntEnum
from itertools import takewhile
from typing import Final, TypeAlias

import re2
from msgspec import Struct

REGEX_MARK: Final = "re:"
MAX_LENGTH: Final = 1024


class Kind(IntEnum):
    """The shape of a pattern, the most selective first."""

    EXACT = 0
    PREFIX = 1
    SUFFIX = 2
    REGEX = 3
    ANY = 4


class OneOf(Struct, frozen=True):
    """A part of a glob: one character in *ranges*, each from its first to its last character, or one outside them."""

    ranges: tuple[tuple[str, str], ...]
    negated: bool = False

    def admits(self, char: str) -> bool:
        return any(low <= char <= high for low, high in self.ranges) is not self.negated


class Star(Struct, frozen=True):
    """A part of a glob: any text."""


Part: TypeAlias = OneOf | Star


class Pattern(Struct, frozen=True, kw_only=True):
    """One pattern. *text* is a literal for EXACT, PREFIX and SUFFIX, an RE2 expression for REGEX, empty for ANY."""

    kind: Kind
    text: str
    head: str = ""
    """What every text that it hits begins with, as far as the pattern says."""
    tail: str = ""
    """What every text that it hits ends with, as far as the pattern says."""


def parse(text: str) -> Pattern:
    """Return the pattern that *text* spells; raise ValueError("what is wrong; what was expected") if it spells none."""
    if not text:
        raise ValueError("a pattern is empty; expected a glob, or re: and a regular expression")
    if len(text) > MAX_LENGTH:
        raise ValueError(f"a pattern has {len(text)} characters; expected at most {MAX_LENGTH}")
    if text.startswith(REGEX_MARK):
        return _regex(text.removeprefix(REGEX_MARK))
    return _glob(text)


def options() -> "re2.Options":
    r"""Return the RE2 options for every expression: quiet, since a bad expression is reported by us, and small.

    The bound on memory is also one on time: at RE2's own 8 MiB, a policy of expressions like ``\pL{500}`` takes
    half a minute to read.
    """
    chosen = re2.Options()
    chosen.log_errors = False
    chosen.max_mem = 1 << 20
    return chosen


def _regex(expression: str) -> Pattern:
    if not expression:
        raise ValueError("nothing follows re:; expected a regular expression")
    try:
        re2.compile(expression, options())
    except re2.error as refused:
        reason = refused.args[0] if refused.args else "not accepted"
        reason = reason.decode(errors="replace") if isinstance(reason, bytes) else str(reason)
        raise ValueError(
            f"RE2 refuses the expression after re: ({reason}); expected RE2 syntax, "
            "which has no look-around and no back-references"
        ) from None
    return Pattern(kind=Kind.REGEX, text=f"(?:{expression})")


_ANY: Final = OneOf((), negated=True)
_STAR: Final = Star()


def glob_parts(text: str) -> tuple[Part, ...]:
    """Return what the glob *text* consists of, in order; raise ValueError like `parse`."""
    return tuple(_parts(text))


def literal(part: Part) -> str | None:
    """Return the one character that *part* stands for, None if it may stand for others."""
    match part:
        case OneOf(ranges=((low, high),), negated=False) if low == high:
            return low
        case _:
            return None


def _glob(text: str) -> Pattern:
    parts = glob_parts(text)
    literals = [char for part in parts if (char := literal(part)) is not None]
    stars = [place for place, part in enumerate(parts) if isinstance(part, Star)]
    if len(literals) == len(parts):
        whole = "".join(literals)
        return Pattern(kind=Kind.EXACT, text=whole, head=whole, tail=whole)
    if len(stars) == len(parts):
        return Pattern(kind=Kind.ANY, text="")
    if len(literals) + len(stars) == len(parts):
        if stars == list(range(len(literals), len(parts))):
            return Pattern(kind=Kind.PREFIX, text="".join(literals), head="".join(literals))
        if stars == list(range(len(stars))):
            return Pattern(kind=Kind.SUFFIX, text="".join(literals), tail="".join(literals))
    return Pattern(
        kind=Kind.REGEX,
        text="(?s:" + "".join(map(_expression, parts)) + ")",
        head=_leading(parts),
        tail=_leading(parts[::-1])[::-1],
    )


def _leading(parts: Sequence[Part]) -> str:
    """Return the literals up to the first part that is none."""
    return "".join(takewhile(bool, (literal(part) or "" for part in parts)))


def _expression(part: Part) -> str:
    if isinstance(part, Star):
        return ".*"
    if part == _ANY:
        return "."
    char = literal(part)
    if char is not None:
        return _quoted(char)
    inside = "".join(_quoted(low) if low == high else f"{_quoted(low)}-{_quoted(high)}" for low, high in part.ranges)
    return f"[{'^' if part.negated else ''}{inside}]"


def _quoted(char: str) -> str:
    return char if char.isascii() and char.isalnum() else f"\\x{{{ord(char):X}}}"


def _parts(text: str) -> Iterator[Part]:
    place = 0
    while place < len(text):
        char = text[place]
        if char == "*":
            yield _STAR
        elif char == "?":
            yield _ANY
        elif char == "[":
            found, place = _set(text, place)
            yield found
        elif char == "\\":
            place += 1
            yield _one(_escaped(text, place))
        else:
            yield _one(char)
        place += 1


def _one(char: str) -> OneOf:
    return OneOf(((char, char),))


def _escaped(text: str, place: int) -> str:
    if place >= len(text):
        raise ValueError(r"a pattern ends with a single \; expected a character after it, or \\ for a backslash")
    return text[place]


def _set(text: str, start: int) -> tuple[OneOf, int]:
    """Return the set that opens at *start* and the place of its closing bracket."""
    place = start + 1
    negated = text[place : place + 1] == "!"
    place += negated
    chars: list[tuple[str, bool]] = []
    while text[place : place + 1] != "]" or not chars:
        if place >= len(text):
            raise ValueError(r"a [ is never closed; expected a ] after it, or \[ for a bracket")
        is_escape = text[place] == "\\"
        place += is_escape
        chars.append((_escaped(text, place), is_escape))
        place += 1
    return OneOf(tuple(dict.fromkeys(_ranges(chars))), negated=negated), place


def _ranges(chars: list[tuple[str, bool]]) -> Iterator[tuple[str, str]]:
    """Yield first and last character of each range; a ``-`` between two characters, unless escaped, spans one."""
    place = 0
    while place < len(chars):
        low = chars[place][0]
        if place + 2 < len(chars) and chars[place + 1] == ("-", False):
            high = chars[place + 2][0]
            if high < low:
                raise ValueError(f"the range {low}-{high} is backwards; expected {high}-{low}")
            yield low, high
            place += 3
        else:
            yield low, low
            place += 1
