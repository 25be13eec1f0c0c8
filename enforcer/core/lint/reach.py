"""Rules that no task can ever reach, because earlier rules take everything that they match. Exact for globs."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from enforcer.core.patterns.containment import covers, may_meet, samples
from enforcer.core.patterns.index import Index
from enforcer.core.patterns.matching import FIELDS, compile_match
from enforcer.model.finding import CODES, Finding
from enforcer.model.rule import Match, Rule
from enforcer.model.task import Task

MOST_TOGETHER = 64
"""Patterns of several rules that one is held against at once; beyond that each rule counts by itself."""


def unreachable(rules: Sequence[Rule]) -> Iterator[Finding]:
    """Yield a finding for each rule that earlier ones leave nothing to decide.

    A rule that expires covers nothing, since what it hides comes back; nor does one with ``not``, unless the later
    rule leaves out the same.
    """
    shelves = [_Shelf(name, rules) for name in FIELDS]
    twins: dict[Match, Rule] = {}
    for place, rule in enumerate(rules):
        twin = twins.get(rule.match)
        coverers = next((found for shelf in shelves if (found := shelf.covering(place))), ())
        if twin is not None:
            yield _twin(rule, twin)
        elif coverers:
            yield _covered(rule, coverers)
        if rule.expires is None:
            twins.setdefault(rule.match, rule)


def _twin(rule: Rule, twin: Rule) -> Finding:
    if rule.mode is twin.mode:
        message = f"rule {rule.id} matches what rule {twin.id} ({twin.origin}) does, so it never decides"
        return Finding(
            code=CODES["E101"], origin=rule.origin, rule=rule.id, message=message, hint="Delete one of them."
        )
    return Finding(
        code=CODES["E102"],
        origin=rule.origin,
        rule=rule.id,
        message=f"rule {rule.id} asks for {rule.mode} where rule {twin.id} ({twin.origin}), "
        f"with the same match, asks for {twin.mode}",
        hint=f"The first decides: {twin.mode}. Delete the one that is wrong.",
    )


def _covered(rule: Rule, coverers: Sequence[Rule]) -> Finding:
    named = " and ".join(f"{each.id} ({each.origin})" for each in coverers[:3])
    more = f" and {len(coverers) - 3} more" if len(coverers) > 3 else ""
    return Finding(
        code=CODES["E101"],
        origin=rule.origin,
        rule=rule.id,
        message=f"rule {rule.id} never decides: every task that it can match is taken by {named}{more}",
        hint="Move it up, or delete it.",
    )


class _Shelf:
    """The rules that speak of one field, so that a later rule is held against the few that can cover it."""

    def __init__(self, name: str, rules: Sequence[Rule]) -> None:
        self._name = name
        self._rules = rules
        self._places = [place for place, rule in enumerate(rules) if self._patterns(rule) and rule.expires is None]
        self._index = Index([compile_match(_only(name, rules[place].match)) for place in self._places])
        self._by_text: dict[str, list[int]] = defaultdict(list)
        for place in self._places:
            for text in self._patterns(rules[place]):
                self._by_text[text].append(place)

    def covering(self, place: int) -> tuple[Rule, ...]:
        """Return an earlier rule that takes all that the rule at *place* hits, or several that do so by this field."""
        match = self._rules[place].match
        # Every task has an id, so a rule without a word on ids speaks of all of them.
        patterns: tuple[str, ...] = getattr(match, self._name) or (("*",) if self._name == "task_id" else ())
        if not patterns:
            return ()
        for other in self._that_may_cover(patterns[0], place):
            if _speaks_of_no_more(other.match, match) and _includes(other.match, match):
                return (other,)
        return self._together(patterns, place)

    def _together(self, patterns: Sequence[str], place: int) -> tuple[Rule, ...]:
        """Return the rules of this field alone that all together take *patterns*; () if they do not."""
        if not all(any(map(self._is_alone, self._hitting(sample, place))) for p in patterns for sample in samples(p)):
            return ()
        earlier = [self._rules[each] for each in self._places if each < place]
        near = [rule for rule in earlier if self._is_alone(rule) and self._may_meet(rule, patterns)]
        texts = [text for rule in near for text in self._patterns(rule)]
        is_covered = len(texts) <= MOST_TOGETHER and all(covers(texts, pattern) for pattern in patterns)
        return tuple(near) if is_covered else ()

    def _that_may_cover(self, pattern: str, place: int) -> Iterator[Rule]:
        """Yield the earlier rules that have *pattern* itself, or hit a value that stands for its widest ones."""
        yield from (self._rules[each] for each in self._by_text.get(pattern, ()) if each < place)
        yield from self._hitting(samples(pattern)[-1], place)

    def _hitting(self, value: str, place: int) -> Iterator[Rule]:
        fields: dict[str, Any] = {"target": "", "task_id": "", self._name: value}
        task = Task(**fields)
        found = (self._places[number] for number in self._index.passed(task))
        return (self._rules[each] for each in found if each < place)

    def _is_alone(self, rule: Rule) -> bool:
        return rule.match == _only(self._name, rule.match)

    def _may_meet(self, rule: Rule, patterns: Iterable[str]) -> bool:
        return any(may_meet(text, pattern) for text in self._patterns(rule) for pattern in patterns)

    def _patterns(self, rule: Rule) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(rule.match, self._name)
        return found


def _only(name: str, match: Match) -> Match:
    """Return a match with nothing but the field *name* of *match*."""
    return Match(**{name: getattr(match, name)})


def _speaks_of_no_more(earlier: Match, later: Match) -> bool:
    fits = all(getattr(later, name) or name == "task_id" for name in FIELDS if getattr(earlier, name))
    return fits and (earlier.not_ is None or earlier.not_ == later.not_)


def _includes(earlier: Match, later: Match) -> bool:
    return all(
        all(covers(getattr(earlier, name), pattern) for pattern in getattr(later, name) or ("*",))
        for name in FIELDS
        if getattr(earlier, name)
    )
