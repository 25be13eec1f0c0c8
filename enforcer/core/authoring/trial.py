"""A policy's own tests: each decided by the one function that decides everywhere."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec import Struct

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.model.expectation import Expectation
from enforcer.model.finding import CODES, Finding
from enforcer.model.override import Override
from enforcer.model.plan import Decision
from enforcer.model.rule import PolicyMode, Rule


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one test."""

    expectation: Expectation
    decision: Decision
    complaint: str | None
    """How the decision differs from what was expected; None: the test passes."""


def outcomes(
    policy: CompiledPolicy, expectations: Sequence[Expectation], overrides: Sequence[Override], now: datetime
) -> tuple[Outcome, ...]:
    """Decide each of *expectations* as of its own time or *now*; *overrides* are those of the policy itself."""
    return tuple(_outcome(policy, each, overrides, now) for each in expectations)


def failures(tried: Sequence[Outcome]) -> Iterator[Finding]:
    for each in tried:
        if each.complaint is not None:
            yield Finding(
                code=CODES["E103"],
                origin=each.expectation.origin,
                message=f"test {each.expectation.name!r} fails: {each.complaint}",
                hint="Mend the rule or the test; enforcer explain shows the whole ladder.",
            )


def untested(rules: Sequence[Rule], tried: Sequence[Outcome]) -> tuple[Rule, ...]:
    """Return the rules that no test is decided by, in the order of the policy."""
    decided = {each.decision.rule.id for each in tried if each.decision.rule is not None}
    return tuple(rule for rule in rules if rule.id not in decided)


def without_a_test(rules: Sequence[Rule], tried: Sequence[Outcome]) -> Iterator[Finding]:
    """Yield a finding for each rule that no test decides; nothing for a policy that has no tests at all."""
    for rule in untested(rules, tried) if tried else ():
        yield Finding(
            code=CODES["W205"],
            origin=rule.origin,
            rule=rule.id,
            message=f"rule {rule.id} decides none of the policy's tests",
            hint="Add a test whose task it should decide.",
        )


def decider(decision: Decision) -> str:
    """Return what decided, in the words of a test: a rule's id, ``default``, ``not eligible`` or ``override ID``."""
    if decision.override is not None:
        return f"override {decision.override.id}"
    return decision.ground.value if decision.rule is None else decision.rule.id


def _outcome(policy: CompiledPolicy, expectation: Expectation, overrides: Sequence[Override], now: datetime) -> Outcome:
    at = expectation.at or now
    decision = decide(expectation.task, policy, CompiledOverrides((*overrides, *expectation.overrides)), at)
    return Outcome(expectation=expectation, decision=decision, complaint=_complaint(expectation, decision))


def _complaint(expectation: Expectation, decision: Decision) -> str | None:
    mode = PolicyMode.LEAVE if decision.desired is None else PolicyMode(decision.desired.value)
    found = decider(decision)
    if expectation.mode not in {None, mode} or expectation.decided_by not in {None, found}:
        wanted = _said(expectation.mode, expectation.decided_by)
        return f"expected {wanted}, got {_said(mode, found)}"
    return None


def _said(mode: PolicyMode | None, decided_by: str | None) -> str:
    return " ".join(part for part in (mode and str(mode), decided_by and f"by {decided_by}") if part)
