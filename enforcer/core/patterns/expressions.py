"""Regular expressions by the thousand, tested against a value in one pass."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import re2

from enforcer.core.patterns import pattern

_SET_SIZE: Final = 1000
"""Patterns per RE2 set: the automaton of a much larger set outgrows RE2's memory and slows down tenfold."""


class ExpressionSet:
    """Some expressions, each of a place, that are tested against a whole value in one pass."""

    __slots__ = ("_compiled", "_places", "first")

    def __init__(self, filed: Sequence[tuple[int, str]]) -> None:
        """*filed* is not empty, and its places ascend."""
        self._places = [place for place, _ in filed]
        self.first = self._places[0]
        self._compiled: Any = re2.Set.FullMatchSet(_set_options())
        for _, expression in filed:
            self._compiled.Add(expression)
        self._compiled.Compile()

    def hits(self, text: bytes) -> list[int]:
        """Return the places of the expressions that match the whole of *text*, which is `encoded`."""
        numbers = self._compiled.Match(text)
        return [self._places[number] for number in numbers] if numbers else []


def expression_sets(filed: Iterable[tuple[int, str]]) -> Iterator[ExpressionSet]:
    rest = list(filed)
    for start in range(0, len(rest), _SET_SIZE):
        yield ExpressionSet(rest[start : start + _SET_SIZE])


def encoded(value: str) -> bytes:
    """Return *value* as RE2 takes it. A lone surrogate has no UTF-8 form, and becomes "?"."""
    return value.encode("utf-8", "replace")


def _set_options() -> Any:
    chosen = pattern.options()
    # RE2 stops matching, with no more than a log line, when a set outgrows this; its default is 8 MiB.
    chosen.max_mem = 256 << 20
    return chosen
