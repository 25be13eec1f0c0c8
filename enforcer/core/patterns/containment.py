"""Whether every value that one pattern hits is hit by others, too. Exact for globs; an expression counts by its text.

Each glob is a small automaton whose state is a set of places in its parts. The automata of both sides go in step
over one representative of each class of characters that they tell apart; a value that only the one side accepts is
found if there is one, and the number of states is bounded.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache, partial
from typing import Final, TypeAlias

from enforcer.core.patterns.pattern import REGEX_MARK, OneOf, Part, Star, glob_parts, parse

MOST_STATES: Final = 20_000
"""Of the automata together; beyond that nothing is claimed."""

_LAST: Final = chr(0x10FFFF)
_ODD: Final = "\ufff9"
"""A character that no pattern names on purpose."""

_Places: TypeAlias = frozenset[int]


def covers(coverers: Iterable[str], pattern: str) -> bool:
    """Return whether every value that *pattern* hits is hit by at least one of *coverers*.

    False also where that cannot be told: for an expression (``re:``) whose text is not among *coverers*, and for
    globs so tangled that their automata grow beyond MOST_STATES. All patterns are well-formed.
    """
    others = [each for each in dict.fromkeys(coverers) if may_meet(each, pattern)]
    if not others or pattern in others:
        return bool(others)
    globs = [glob_parts(each) for each in others if not each.startswith(REGEX_MARK)]
    if pattern.startswith(REGEX_MARK):
        return any(all(isinstance(part, Star) for part in parts) for parts in globs)
    if any(not any(map(partial(_hits, value), globs)) for value in samples(pattern)):
        return False
    return _includes(globs, glob_parts(pattern))


@lru_cache(maxsize=20_000)
def samples(pattern: str) -> tuple[str, ...]:
    """Return values that *pattern* hits, so that what misses one cannot cover it; the last has the most in it.

    For an expression it is one that only a pattern for everything may be expected to hit.
    """
    if pattern.startswith(REGEX_MARK):
        return (_ODD * 3,)
    parts = glob_parts(pattern)
    return tuple(dict.fromkeys("".join(_sample(part, filler) for part in parts) for filler in ("", _ODD, _ODD * 2)))


def _sample(part: Part, filler: str) -> str:
    if isinstance(part, Star):
        return filler
    return next(filter(part.admits, (_ODD, *_representatives(((part,),)))), _ODD)


def _hits(value: str, parts: tuple[Part, ...]) -> bool:
    places = _closed({0}, parts)
    for char in value:
        places = _step(places, parts, char)
    return len(parts) in places


@lru_cache(maxsize=20_000)
def ends(pattern: str) -> tuple[str, str]:
    """Return the literal text that every value of *pattern* begins with, and the one that it ends with."""
    found = parse(pattern)
    return found.head, found.tail


def may_meet(one: str, other: str) -> bool:
    """Return False if literal ends alone show that no value is hit by both."""
    (head, tail), (other_head, other_tail) = ends(one), ends(other)
    return (head.startswith(other_head) or other_head.startswith(head)) and (
        tail.endswith(other_tail) or other_tail.endswith(tail)
    )


def _includes(globs: Sequence[tuple[Part, ...]], covered: tuple[Part, ...]) -> bool:
    alphabet = _representatives((covered, *globs))
    start = (_closed({0}, covered), tuple(_closed({0}, parts) for parts in globs))
    seen, waiting = {start}, [start]
    while waiting:
        ours, theirs = waiting.pop()
        if len(covered) in ours and not any(len(parts) in at for parts, at in zip(globs, theirs, strict=True)):
            return False
        for char in alphabet:
            step = _step(ours, covered, char)
            if not step:
                continue
            both = (step, tuple(_step(at, parts, char) for parts, at in zip(globs, theirs, strict=True)))
            if both not in seen:
                seen.add(both)
                waiting.append(both)
        if len(seen) > MOST_STATES:
            return False
    return True


def _step(places: _Places, parts: tuple[Part, ...], char: str) -> _Places:
    reached: set[int] = set()
    for place in places:
        if place == len(parts):
            continue
        part = parts[place]
        if isinstance(part, Star):
            reached.add(place)
        elif part.admits(char):
            reached.add(place + 1)
    return _closed(reached, parts)


def _closed(places: set[int], parts: tuple[Part, ...]) -> _Places:
    """Return *places* and those that a star lets through without a character."""
    found = set(places)
    for place in places:
        after = place
        while after < len(parts) and isinstance(parts[after], Star):
            after += 1
            found.add(after)
    return frozenset(found)


def _representatives(several: Iterable[tuple[Part, ...]]) -> tuple[str, ...]:
    """Return one character for each class of characters that no part tells apart."""
    ranges = (each for parts in several for part in parts if isinstance(part, OneOf) for each in part.ranges)
    starts = {"\0"}
    for low, high in ranges:
        starts.add(low)
        if high < _LAST:
            starts.add(chr(ord(high) + 1))
    return tuple(sorted(starts))
