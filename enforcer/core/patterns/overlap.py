"""Whether two patterns may hit the same text, told from the patterns alone.

What both ends of the text have to be is told exactly. What a pattern asks for in between is not looked at, so yes
means: perhaps.
"""

from collections.abc import Sequence

import re2

from enforcer.core.patterns import pattern
from enforcer.core.patterns.pattern import Kind, Pattern


def overlap(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Return whether some text may be hit by a pattern of *ours* and by one of *theirs*, all of them well-formed."""
    return any(_meet(one, other) for one in map(pattern.parse, ours) for other in map(pattern.parse, theirs))


def _meet(one: Pattern, other: Pattern) -> bool:
    if Kind.EXACT in {one.kind, other.kind}:
        exact, tested = (one, other) if one.kind is Kind.EXACT else (other, one)
        return _hits(tested, exact.text)
    return _agree(one.head, other.head) and _agree(one.tail[::-1], other.tail[::-1])


def _hits(tested: Pattern, text: str) -> bool:
    if tested.kind is Kind.EXACT:
        return tested.text == text
    if tested.kind is Kind.REGEX:
        return re2.fullmatch(tested.text, text, pattern.options()) is not None
    return text.startswith(tested.head) and text.endswith(tested.tail)


def _agree(one: str, other: str) -> bool:
    return one.startswith(other) or other.startswith(one)
