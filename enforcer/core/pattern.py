r"""The pattern language of policies and of ``--only``: globs over the whole value, or ``re:`` and an RE2 expression.

``*`` any text, ``?`` one character, ``[a-z]`` and ``[!a-z]`` one of a set, ``\`` takes the next character as it is.
Case counts. RE2 matches in time linear in the value, whatever the expression.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

import re2

REGEX_MARK: Final = "re:"
MAX_LENGTH: Final = 1024


class Kind(IntEnum):
    """The shape of a pattern, the most selective first."""

    EXACT = 0
    PREFIX = 1
    SUFFIX = 2
    REGEX = 3
    ANY = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
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


_STAR: Final = object()


def _glob(text: str) -> Pattern:
    parts = list(_parts(text))
    literals = [part for part in parts if isinstance(part, str)]
    stars = [place for place, part in enumerate(parts) if part is _STAR]
    if len(literals) == len(parts):
        return Pattern(kind=Kind.EXACT, text="".join(literals))
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
        head="".join(_leading(parts)),
        tail="".join(_leading(parts[::-1]))[::-1],
    )


def _leading(parts: Sequence[object]) -> Iterator[str]:
    """Yield the literals up to the first part that is none."""
    for part in parts:
        if not isinstance(part, str):
            return
        yield part


@dataclass(frozen=True, slots=True)
class _Set:
    expression: str


def _expression(part: object) -> str:
    if part is _STAR:
        return ".*"
    if isinstance(part, _Set):
        return part.expression
    return _quoted(str(part))


def _quoted(char: str) -> str:
    return char if char.isascii() and char.isalnum() else f"\\x{{{ord(char):X}}}"


def _parts(text: str) -> Iterator[object]:
    """Yield a one-character str for a literal, _STAR, or a _Set, in order."""
    place = 0
    while place < len(text):
        char = text[place]
        if char == "*":
            yield _STAR
        elif char == "?":
            yield _Set(".")
        elif char == "[":
            found, place = _set(text, place)
            yield found
        elif char == "\\":
            place += 1
            yield _escaped(text, place)
        else:
            yield char
        place += 1


def _escaped(text: str, place: int) -> str:
    if place >= len(text):
        raise ValueError(r"a pattern ends with a single \; expected a character after it, or \\ for a backslash")
    return text[place]


def _set(text: str, start: int) -> tuple[_Set, int]:
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
    return _Set(f"[{'^' if negated else ''}{_ranges(chars)}]"), place


def _ranges(chars: list[tuple[str, bool]]) -> str:
    """Return the inside of an RE2 class; a ``-`` between two characters, unless escaped, spans a range."""
    out = ""
    place = 0
    while place < len(chars):
        low = chars[place][0]
        if place + 2 < len(chars) and chars[place + 1] == ("-", False):
            high = chars[place + 2][0]
            if high < low:
                raise ValueError(f"the range {low}-{high} is backwards; expected {high}-{low}")
            out += f"{_quoted(low)}-{_quoted(high)}"
            place += 3
        else:
            out += _quoted(low)
            place += 1
    return out
