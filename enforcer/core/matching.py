"""Matches compiled once, so that finding those that hit costs about the same among ten or ten thousand.

Each is filed under the one of its fields that is most selective: literals in a dict, prefixes and
suffixes in dicts by length, everything else in RE2 sets, which test all their patterns in one pass. Only
those found that way are tested whole.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, Final

import re2

from enforcer.core import pattern
from enforcer.core.pattern import Kind
from enforcer.model.policy import Policy
from enforcer.model.rule import Match, Rule
from enforcer.model.task import Task

FIELDS: Final = tuple(part.name for part in fields(Match) if part.name != "not_")
"""The match fields, which are also attributes of `Task`."""

_SET_SIZE: Final = 1000
"""Patterns per RE2 set: the automaton of a much larger set outgrows RE2's memory and slows down tenfold."""


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
        self._regexes = _RegexSets(by_kind[Kind.REGEX]) if by_kind[Kind.REGEX] else None

    @property
    def selectivity(self) -> Kind:
        """The least selective of its patterns: what it costs to file a rule under it."""
        return max(p.kind for p in self.patterns)

    def hits(self, task: Task) -> bool:
        value = getattr(task, self.field)
        return value is not None and self.admits(value)

    def admits(self, value: str) -> bool:
        """Return whether any of the patterns hits *value*."""
        return (
            self._any
            or value in self._exact
            or value.startswith(self._prefixes)
            or value.endswith(self._suffixes)
            or (self._regexes is not None and any(True for _ in self._regexes.hits(value)))
        )


@dataclass(frozen=True, slots=True)
class Test:
    """A compiled Match: all conditions hit, and what is under ``not`` does not match."""

    conditions: tuple[Condition, ...]
    excluded: "Test | None"

    def passes(self, task: Task) -> bool:
        return all(condition.hits(task) for condition in self.conditions) and not (
            self.excluded is not None and self.excluded.passes(task)
        )


def compile_match(match: Match) -> Test:
    """Return the test that *match* spells; raise ValueError if one of its patterns is malformed."""
    return Test(
        tuple(Condition(name, getattr(match, name)) for name in FIELDS if getattr(match, name)),
        None if match.not_ is None else compile_match(match.not_),
    )


class Selection:
    """The tasks that ``--only`` names, by id or by name; no pattern at all selects every task."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._either = tuple(Condition(name, texts) for name in ("task_id", "task_name") if texts)

    def includes(self, task: Task) -> bool:
        return not self._either or any(condition.hits(task) for condition in self._either)


class Index:
    """Tests filed by their most selective field, so that those a task passes are found without trying them all."""

    def __init__(self, tests: Sequence[Test]) -> None:
        self._tests = tests
        self._indexes: dict[str, _FieldIndex] = {}
        self._unfiled: list[int] = []
        for place, test in enumerate(tests):
            self._file(place, test)

    def passed(self, task: Task) -> Iterator[int]:
        """Yield the places of the tests that *task* passes, in ascending order."""
        return (place for place in self._candidates(task) if self._tests[place].passes(task))

    def _candidates(self, task: Task) -> list[int]:
        found = list(self._unfiled)
        for name, index in self._indexes.items():
            value = getattr(task, name)
            if value is not None:
                found.extend(index.places(value))
        return sorted(set(found)) if len(found) > 1 else found

    def _file(self, place: int, test: Test) -> None:
        if not test.conditions:
            insort(self._unfiled, place)
            return
        best = min(test.conditions, key=lambda condition: condition.selectivity)
        self._indexes.setdefault(best.field, _FieldIndex()).add(place, best)


class CompiledPolicy:
    """A policy made ready to be asked about many tasks."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self._eligible = compile_match(policy.eligible)
        self._index = Index([compile_match(rule.match) for rule in policy.rules])

    def is_eligible(self, task: Task) -> bool:
        return self._eligible.passes(task)

    def first_match(self, task: Task, now: datetime) -> Rule | None:
        """Return the first rule, in the order of the policy, that matches *task* and has not expired at *now*."""
        matching = (self.policy.rules[place] for place in self.matching(task))
        return next((rule for rule in matching if rule.expires is None or now < rule.expires), None)

    def matching(self, task: Task) -> Iterator[int]:
        """Yield the places of all rules that match *task*, expired ones too, in the order of the policy."""
        return self._index.passed(task)


@dataclass(slots=True)
class _FieldIndex:
    """For one field: which rules a value may concern."""

    exact: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    suffixes: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    everywhere: list[int] = field(default_factory=list)
    expressions: list[str] = field(default_factory=list)
    expression_places: list[int] = field(default_factory=list)
    sets: "_RegexSets | None" = None

    def add(self, place: int, condition: Condition) -> None:
        for part in condition.patterns:
            match part.kind:
                case Kind.EXACT:
                    self.exact.setdefault(part.text, []).append(place)
                case Kind.PREFIX:
                    self.prefixes.setdefault(len(part.text), {}).setdefault(part.text, []).append(place)
                case Kind.SUFFIX:
                    self.suffixes.setdefault(len(part.text), {}).setdefault(part.text, []).append(place)
                case Kind.REGEX:
                    self.expressions.append(part.text)
                    self.expression_places.append(place)
                case Kind.ANY:
                    self.everywhere.append(place)

    def places(self, value: str) -> Iterator[int]:
        yield from self.everywhere
        yield from self.exact.get(value, ())
        for length, by_text in self.prefixes.items():
            yield from by_text.get(value[:length], ())
        for length, by_text in self.suffixes.items():
            yield from by_text.get(value[-length:], ())
        if self.expressions:
            if self.sets is None:
                self.sets = _RegexSets(self.expressions)
            for number in self.sets.hits(value):
                yield self.expression_places[number]


class _RegexSets:
    """Many expressions, tested against a whole value in one pass for each thousand of them."""

    def __init__(self, expressions: Sequence[str]) -> None:
        self._sets: list[tuple[int, Any]] = []
        for start in range(0, len(expressions), _SET_SIZE):
            chosen = re2.Set.FullMatchSet(_set_options())
            for expression in expressions[start : start + _SET_SIZE]:
                chosen.Add(expression)
            chosen.Compile()
            self._sets.append((start, chosen))

    def hits(self, value: str) -> Iterator[int]:
        """Yield the numbers of the expressions that match the whole of *value*."""
        # A lone surrogate has no UTF-8 form; it becomes "?" here, so that any text can be asked about.
        text = value.encode("utf-8", "replace")
        for start, compiled in self._sets:
            for number in compiled.Match(text) or ():
                yield start + number


def _set_options() -> Any:
    chosen = pattern.options()
    # RE2 stops matching, with no more than a log line, when a set outgrows this; its default is 8 MiB.
    chosen.max_mem = 256 << 20
    return chosen
