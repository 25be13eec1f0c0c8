"""A match compiled: whether a task passes it."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from enforcer.core.patterns import pattern
from enforcer.core.patterns.expressions import encoded, expression_sets
from enforcer.core.patterns.pattern import Kind
from enforcer.model.rule import Match
from enforcer.model.task import Task

FIELDS: Final = tuple(name for name in Match.__struct_fields__ if name != "not_")
"""The match fields, which are also attributes of `Task`."""


class Condition:
    """Any of some patterns over one field."""

    __slots__ = ("_any", "_exact", "_prefixes", "_regexes", "_suffixes", "field", "patterns")

    def __init__(self, field_name: str, texts: Sequence[str]) -> None:
        self.field = field_name
        self.patterns = tuple(map(pattern.parse, texts))
        by_kind = {kind: tuple(p.text for p in self.patterns if p.kind is kind) for kind in Kind}
        self._any = bool(by_kind[Kind.ANY])
        self._exact = frozenset(by_kind[Kind.EXACT])
        self._prefixes = by_kind[Kind.PREFIX]
        self._suffixes = by_kind[Kind.SUFFIX]
        self._regexes = tuple(expression_sets(enumerate(by_kind[Kind.REGEX]))) if by_kind[Kind.REGEX] else None

    @property
    def selectivity(self) -> Kind:
        """The least selective of its patterns: what it costs to file a rule under it."""
        return max(p.kind for p in self.patterns)

    def hits(self, task: Task) -> bool:
        value = getattr(task, self.field)
        return value is not None and (value in self._exact or self.admits(value))

    def admits(self, value: str) -> bool:
        """Return whether any of the patterns hits *value*."""
        return (
            self._any
            or value in self._exact
            or value.startswith(self._prefixes)
            or value.endswith(self._suffixes)
            or (self._regexes is not None and any(each.hits(encoded(value)) for each in self._regexes))
        )


class Test(Struct, frozen=True):
    """A compiled Match: all conditions hit, and what is under ``not`` does not match."""

    conditions: tuple[Condition, ...]
    excluded: "Test | None"

    def passes(self, task: Task) -> bool:
        for condition in self.conditions:
            if not condition.hits(task):
                return False
        return self.excluded is None or not self.excluded.passes(task)


def compile_match(match: Match) -> Test:
    """Return the test that *match* spells; raise ValueError if one of its patterns is malformed."""
    return Test(
        tuple(Condition(name, getattr(match, name)) for name in FIELDS if getattr(match, name)),
        None if match.not_ is None else compile_match(match.not_),
    )
