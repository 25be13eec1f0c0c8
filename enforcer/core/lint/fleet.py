"""What the rules come to for the tasks that there are."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import re2

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.core.patterns import pattern
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.containment import ends
from enforcer.core.patterns.matching import FIELDS, Condition
from enforcer.core.patterns.pattern import REGEX_MARK
from enforcer.model.finding import CODES, Finding
from enforcer.model.policy import Policy
from enforcer.model.rule import Rule
from enforcer.model.task import ResumeMode, Task

_SHOWN: Final = 3
_ANCHORS: Final = re.compile(r"^\^|(?<!\\)\$$")


def remarks(policy: Policy, tasks: Sequence[Task], now: datetime) -> Iterator[Finding]:
    """Yield what *tasks* show of the rules at *now*; overrides are not asked, since they pass."""
    census = _taken(CompiledPolicy(policy), tasks, now)
    for place, rule in enumerate(policy.rules):
        if rule.expires is not None and rule.expires <= now:
            continue
        yield from _on(rule, census, place, tasks)
    yield from _over_budget(policy, census)


@dataclass(slots=True)
class _Census:
    matched: Counter[int] = field(default_factory=Counter)
    """By the rule's place: the eligible tasks that it matches, whoever decides them."""
    decided: Counter[int] = field(default_factory=Counter)
    takers: dict[int, Counter[str]] = field(default_factory=dict)
    """By the rule's place: which other rules decide the tasks that it matches."""
    to_auto: Counter[str] = field(default_factory=Counter)
    """By the rule's id: the tasks that it would switch to auto."""
    eligible: int = 0


def _taken(policy: CompiledPolicy, tasks: Sequence[Task], now: datetime) -> _Census:
    census = _Census()
    rules = policy.policy.rules
    for task in tasks:
        if not policy.is_eligible(task):
            continue
        census.eligible += 1
        decision = decide(task, policy, NO_OVERRIDES, now)
        for place in policy.matching(task):
            census.matched[place] += 1
            if decision.rule is rules[place]:
                census.decided[place] += 1
            elif decision.rule is not None:
                census.takers.setdefault(place, Counter())[decision.rule.id] += 1
        if decision.rule is not None and decision.desired is ResumeMode.AUTO is not task.resume_mode:
            census.to_auto[decision.rule.id] += 1
    return census


def _on(rule: Rule, census: _Census, place: int, tasks: Sequence[Task]) -> Iterator[Finding]:
    if not census.matched[place]:
        near = [*_near_misses(rule, tasks)]
        yield from near or [_idle(rule, tasks)]
    elif not census.decided[place]:
        count = census.matched[place]
        takers = ", ".join(name for name, _ in census.takers[place].most_common(_SHOWN))
        yield Finding(
            code=CODES["W301"],
            origin=rule.origin,
            rule=rule.id,
            message=f"rule {rule.id} decides nothing: all {count:,} tasks of the inventory that it matches "
            f"are taken by earlier rules ({takers})",
            hint="Move it up if it is meant to decide them.",
        )


def _idle(rule: Rule, tasks: Sequence[Task]) -> Finding:
    return Finding(
        code=CODES["W302"],
        origin=rule.origin,
        rule=rule.id,
        message=f"rule {rule.id} matches none of the {len(tasks):,} tasks of the inventory that are eligible",
        hint="Look at the names there are: enforcer tasks",
    )


def _near_misses(rule: Rule, tasks: Sequence[Task]) -> Iterator[Finding]:
    """Yield what would make patterns of *rule* match, field by field, pattern by pattern."""
    for name in FIELDS:
        values = {value for task in tasks if (value := getattr(task, name)) is not None}
        for text in getattr(rule.match, name):
            if any(map(_hits(name, text), values)):
                continue
            yield from _loosened(rule, name, text, values)


def _loosened(rule: Rule, name: str, text: str, values: set[str]) -> Iterator[Finding]:
    if text.startswith(REGEX_MARK):
        yield from _inside(rule, name, text, values)
        return
    ways: tuple[tuple[str, str, Callable[[str], bool]], ...] = (
        ("if case is ignored", "Write it as the names are.", _lowered(name, text)),
        ("without the white space around it", "Delete the white space.", _hits(name, text.strip() or text)),
        ("with a * at its end", f"Write {text}* if any name that begins so is meant.", _begins(text)),
    )
    for how, hint, hits in ways:
        found = sorted(filter(hits, values))
        if found:
            yield _near(rule, "W303", f"{name} {text!r} matches nothing; {how}, it would match {_some(found)}", hint)
            return


def _inside(rule: Rule, name: str, text: str, values: set[str]) -> Iterator[Finding]:
    bare = _ANCHORS.sub("", text.removeprefix(REGEX_MARK))
    search = re2.compile(bare, pattern.options()).search
    found = sorted(value for value in values if search(value))
    if found:
        message = (
            f"{name} {text!r} matches nothing, since it has to fit the whole value; it is found inside {_some(found)}"
        )
        yield _near(rule, "W304", message, f"Write {REGEX_MARK}.*{bare}.* if any value with it is meant.")


def _near(rule: Rule, code: str, message: str, hint: str) -> Finding:
    return Finding(code=CODES[code], origin=rule.origin, rule=rule.id, message=f"rule {rule.id}: {message}", hint=hint)


def _hits(name: str, text: str) -> Callable[[str], bool]:
    condition = Condition(name, (text,))
    return condition.admits


def _lowered(name: str, text: str) -> Callable[[str], bool]:
    condition = Condition(name, (text.lower(),))
    return lambda value: condition.admits(value.lower())


def _begins(text: str) -> Callable[[str], bool]:
    head, _ = ends(text)
    return lambda value: head == text and value.startswith(head)


def _some(values: Sequence[str]) -> str:
    shown = ", ".join(values[:_SHOWN])
    return shown if len(values) <= _SHOWN else f"{shown} and {len(values) - _SHOWN:,} more"


def _over_budget(policy: Policy, census: _Census) -> Iterator[Finding]:
    most = policy.limits.to_auto.max
    if most is None:
        return
    for rule in policy.rules:
        count = census.to_auto[rule.id]
        if count > most:
            yield Finding(
                code=CODES["W305"],
                origin=rule.origin,
                rule=rule.id,
                message=f"rule {rule.id} would switch {count:,} tasks to auto, more than a run may "
                f"(limits.to_auto.max is {most:,})",
                hint="A run would be refused. Narrow the rule, take a part of it with --only, or raise the limit.",
            )
