"""Tests filed so that finding those that a task passes costs about the same among ten or ten thousand.

Each is filed under the one of its fields that is most selective: literals in a dict, prefixes and suffixes in dicts by
length, everything else in sets of expressions. What is found that way is tested whole, unless being found says it all.
A set is asked only when nothing before its first expression has decided.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, field

from enforcer.core.patterns.expressions import ExpressionSet, encoded, expression_sets
from enforcer.core.patterns.matching import Test
from enforcer.core.patterns.pattern import Kind, Pattern
from enforcer.model.task import Task


class Index:
    """Tests filed by their most selective field, so that those a task passes are found without trying them all."""

    def __init__(self, tests: Sequence[Test]) -> None:
        self._unproven: list[Test | None] = []
        """By place the test that what is found there has still to pass; None where being found says it all."""
        self._everywhere: list[int] = []
        self._literals: dict[str, _Literals] = {}
        self._expressions: dict[str, list[tuple[int, str]]] = {}
        self._sets: tuple[tuple[str, ExpressionSet], ...] | None = None
        """With the field of each, by their first places; None until a task asks for them."""
        for place, test in enumerate(tests):
            self._file(place, test)

    def passed(self, task: Task) -> Iterator[int]:
        """Yield the places of the tests that *task* passes, in ascending order."""
        found = self._by_literals(task)
        texts: dict[str, bytes | None] = {}
        for name, regexes in self._expression_sets():
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

    def _expression_sets(self) -> "tuple[tuple[str, ExpressionSet], ...]":
        if self._sets is None:
            by_field = ((name, each) for name, filed in self._expressions.items() for each in expression_sets(filed))
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


class _Literals(Struct):
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
