"""Why a task gets the mode that it gets: everything that was asked, in its order, and what would decide otherwise.

The decision itself is that of `core.decide`; here it is only retraced.
"""

from collections.abc import Iterator
from datetime import datetime

from msgspec.structs import replace

from enforcer.core.authoring.trial import decider
from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.matching import FIELDS, Condition
from enforcer.model.explanation import Explanation, Rung, Verdict
from enforcer.model.override import Override
from enforcer.model.plan import Decision, Ground
from enforcer.model.rule import Match
from enforcer.model.task import Task

MOST_PATTERNS = 5
"""Patterns of one field that a rung names."""


def explain(task: Task, policy: CompiledPolicy, overrides: CompiledOverrides, now: datetime) -> Explanation:
    """Return how *task* is decided at *now*, an aware time."""
    decision = decide(task, policy, overrides, now)
    otherwise = _without(task, decision, policy, overrides, now)
    return Explanation(
        task=task,
        decision=decision,
        decided_by=decider(decision),
        rungs=tuple(_rungs(task, decision, policy, overrides, now)),
        otherwise=otherwise,
        otherwise_by=None if otherwise is None else decider(otherwise),
    )


def _without(
    task: Task, decision: Decision, policy: CompiledPolicy, overrides: CompiledOverrides, now: datetime
) -> Decision | None:
    """Decide again without what decided."""
    if decision.override is not None:
        rest = tuple(each for each in overrides.overrides if each is not decision.override)
        return decide(task, policy, CompiledOverrides(rest), now)
    if decision.rule is not None:
        rules = tuple(rule for rule in policy.policy.rules if rule is not decision.rule)
        return decide(task, CompiledPolicy(replace(policy.policy, rules=rules)), overrides, now)
    return None


def _rungs(
    task: Task, decision: Decision, policy: CompiledPolicy, overrides: CompiledOverrides, now: datetime
) -> Iterator[Rung]:
    is_open = decision.ground is not Ground.NOT_ELIGIBLE
    miss = first_miss(task, policy.policy.eligible)
    yield Rung(
        name="eligible",
        verdict=Verdict.PASSED if is_open else Verdict.DECIDES,
        mode=None,
        origin=None,
        detail=miss,
    )
    for override in overrides.overrides:
        verdict = _verdict(override is decision.override, _hits(task, override), override.is_in_force(now))
        yield _of_override(override, verdict, task)
    for rule in policy.policy.rules:
        detail = first_miss(task, rule.match)
        verdict = _verdict(rule is decision.rule, detail is None, rule.expires is None or now < rule.expires)
        yield Rung(
            name=f"rule {rule.id}",
            verdict=verdict,
            mode=rule.mode,
            origin=rule.origin,
            detail=f"expired at {rule.expires:%Y-%m-%dT%H:%M:%SZ}" if verdict is Verdict.OVER else detail,
            reason=rule.reason,
        )
    decides = decision.ground is Ground.DEFAULT
    yield Rung(
        name="default",
        verdict=Verdict.DECIDES if decides else Verdict.HIT,
        mode=policy.policy.default,
        origin=None,
        detail=None,
    )


def _verdict(decides: bool, hits: bool, is_in_force: bool) -> Verdict:  # noqa: FBT001 - three facts of one rung
    if not is_in_force:
        return Verdict.OVER
    if decides:
        return Verdict.DECIDES
    return Verdict.HIT if hits else Verdict.MISS


def _of_override(override: Override, verdict: Verdict, task: Task) -> Rung:
    detail = None
    if verdict is Verdict.OVER:
        detail = f"over since {override.ends:%Y-%m-%dT%H:%M:%SZ}"
    elif verdict is Verdict.MISS:
        detail = f"task id or name is not {_listed(override.patterns)}: {task.task_id}, {_shown(task.task_name)}"
        if override.targets and task.target not in override.targets:
            detail = f"target is not {_listed(override.targets)}: {_shown(task.target)}"
    return Rung(
        name=f"override {override.id}",
        verdict=verdict,
        mode=override.mode,
        origin=override.origin,
        detail=detail,
        reason=override.reason,
    )


def _hits(task: Task, override: Override) -> bool:
    alone = CompiledOverrides((override,))
    return alone.holding(task, override.created) is not None


def first_miss(task: Task, match: Match) -> str | None:
    """Return the first condition of *match* that *task* does not meet: wanted and actual; None if it meets all."""
    for name in FIELDS:
        patterns: tuple[str, ...] = getattr(match, name)
        if patterns and not Condition(name, patterns).hits(task):
            return f"{name} is not {_listed(patterns)}: {_shown(getattr(task, name))}"
    if match.not_ is not None and first_miss(task, match.not_) is None:
        return f"not: {_spelled(match.not_)}"
    return None


def _spelled(match: Match) -> str:
    return ", ".join(f"{name} is {_listed(getattr(match, name))}" for name in FIELDS if getattr(match, name))


def _listed(patterns: tuple[str, ...]) -> str:
    shown = " or ".join(repr(each) for each in patterns[:MOST_PATTERNS])
    more = len(patterns) - MOST_PATTERNS
    return f"{shown} or one of {more} more" if more > 0 else shown


def _shown(value: str | None) -> str:
    return "not reported" if value is None else repr(value)
