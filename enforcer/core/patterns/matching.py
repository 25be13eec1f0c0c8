"""Matches compiled once, so that finding those that hit costs about the same among ten or ten thousand.

Each is filed under the one of its fields that is most selective: literals in a dict, prefixes and suffixes in dicts by
length, everything else in RE2 sets, which test all their patterns in one pass. What is found that way is tested whole,
unless being found says it all. A set is asked only when nothing before its first pattern has decided.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import re2

from enforcer.core.patterns import pattern
from enforcer.core.patterns.pattern import Kind, Pattern
from enforcer.model.policy import Policy
from enforcer.model.rule import Match, Rule
from enforcer.model.task import Task

FIELDS: Final = tuple(name for name in Match.__struct_fields__ if name != "not_")
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
        self._regexes = tuple(_regex_sets(enumerate(by_kind[Kind.REGEX]))) if by_kind[Kind.REGEX] else None

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


@dataclass(frozen=True, slots=True)
class Test:
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


class Selection:
    """The tasks that ``--only`` names, by id or by name; no pattern at all selects every task."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._either = tuple(Condition(name, texts) for name in ("task_id", "task_name") if texts)

    def includes(self, task: Task) -> bool:
        return not self._either or any(condition.hits(task) for condition in self._either)


def unmatched(texts: Iterable[str], tasks: Collection[Task]) -> tuple[str, ...]:
    """Return those of the ``--only`` patterns *texts* that select none of *tasks*."""
    return tuple(text for text in texts if not any(map(Selection((text,)).includes, tasks)))


class Index:
    """Tests filed by their most selective field, so that those a task passes are found without trying them all."""

    def __init__(self, tests: Sequence[Test]) -> None:
        self._unproven: list[Test | None] = []
        """By place the test that what is found there has still to pass; None where being found says it all."""
        self._everywhere: list[int] = []
        self._literals: dict[str, _Literals] = {}
        self._expressions: dict[str, list[tuple[int, str]]] = {}
        self._sets: tuple[tuple[str, _RegexSet], ...] | None = None
        """With the field of each, by their first places; None until a task asks for them."""
        for place, test in enumerate(tests):
            self._file(place, test)

    def passed(self, task: Task) -> Iterator[int]:
        """Yield the places of the tests that *task* passes, in ascending order."""
        found = self._by_literals(task)
        texts: dict[str, bytes | None] = {}
        for name, regexes in self._regex_sets():
            if found and found[0] < regexes.first:
                yield from self._passing([place for place in found if place < regexes.first], task)
                found = [place for place in found if place >= regexes.first]
            if name not in texts:
                value = getattr(task, name)
                texts[name] = None if value is None else encoded(value)
            text = texts[name]
            if text is not None and (more := regexes.hits(text)):
                found = sorted({*found, *more})
        yield from self._passing(found, task)

    def _passing(self, places: Iterable[int], task: Task) -> Iterator[int]:
        for place in places:
            test = self._unproven[place]
            if test is None or test.passes(task):
                yield place

    def _by_literals(self, task: Task) -> list[int]:
        """Return the places that come into question without a look at expressions, in ascending order."""
        found = list(self._everywhere)
        for name, literals in self._literals.items():
            value = getattr(task, name)
            if value is not None:
                literals.add_to(found, value)
        return sorted(set(found)) if len(found) > 1 else found

    def _regex_sets(self) -> "tuple[tuple[str, _RegexSet], ...]":
        if self._sets is None:
            by_field = ((name, each) for name, filed in self._expressions.items() for each in _regex_sets(filed))
            self._sets = tuple(sorted(by_field, key=lambda named: named[1].first))
        return self._sets

    def _file(self, place: int, test: Test) -> None:
        is_proof = len(test.conditions) <= 1 and test.excluded is None
        self._unproven.append(None if is_proof else test)
        if not test.conditions:
            self._everywhere.append(place)
            return
        best = min(test.conditions, key=lambda condition: condition.selectivity)
        for part in best.patterns:
            if part.kind is Kind.REGEX:
                self._expressions.setdefault(best.field, []).append((place, part.text))
            else:
                self._literals.setdefault(best.field, _Literals()).file(place, part)


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
        for place in self._index.passed(task):
            rule = self.policy.rules[place]
            if rule.expires is None or now < rule.expires:
                return rule
        return None

    def matching(self, task: Task) -> Iterator[int]:
        """Yield the places of all rules that match *task*, expired ones too, in the order of the policy."""
        return self._index.passed(task)


@dataclass(slots=True)
class _Literals:
    """For one field: which places a value may concern by what it is, begins with or ends with."""

    exact: dict[str, list[int]] = field(default_factory=dict)
    prefixes: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    suffixes: dict[int, dict[str, list[int]]] = field(default_factory=dict)
    everywhere: list[int] = field(default_factory=list)

    def file(self, place: int, part: Pattern) -> None:
        match part.kind:
            case Kind.EXACT:
                self.exact.setdefault(part.text, []).append(place)
            case Kind.PREFIX:
                self.prefixes.setdefault(len(part.text), {}).setdefault(part.text, []).append(place)
            case Kind.SUFFIX:
                self.suffixes.setdefault(len(part.text), {}).setdefault(part.text, []).append(place)
            case Kind.ANY | Kind.REGEX:
                self.everywhere.append(place)

    def add_to(self, found: list[int], value: str) -> None:
        """Add the places that *value* may concern."""
        if self.everywhere:
            found += self.everywhere
        if value in self.exact:
            found += self.exact[value]
        for length, by_text in self.prefixes.items():
            if (head := value[:length]) in by_text:
                found += by_text[head]
        for length, by_text in self.suffixes.items():
            if (tail := value[-length:]) in by_text:
                found += by_text[tail]


class _RegexSet:
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


def _regex_sets(filed: Iterable[tuple[int, str]]) -> Iterator[_RegexSet]:
    rest = list(filed)
    for start in range(0, len(rest), _SET_SIZE):
        yield _RegexSet(rest[start : start + _SET_SIZE])


def encoded(value: str) -> bytes:
    """Return *value* as RE2 takes it. A lone surrogate has no UTF-8 form, and becomes "?"."""
    return value.encode("utf-8", "replace")


def _set_options() -> Any:
    chosen = pattern.options()
    # RE2 stops matching, with no more than a log line, when a set outgrows this; its default is 8 MiB.
    chosen.max_mem = 256 << 20
    return chosen
