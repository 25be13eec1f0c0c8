"""What is wrong, or likely wrong, with a policy that is valid. Pure; every finding has a code of `model.finding`."""

from collections.abc import Sequence
from datetime import datetime

from enforcer.core.lint import fleet, reach, wording
from enforcer.core.lint.suppress import suppressed
from enforcer.model.finding import Finding
from enforcer.model.policy import Policy
from enforcer.model.task import Task

__all__ = ["in_order", "lint", "suppressed"]


def lint(policy: Policy, now: datetime, tasks: Sequence[Task] | None = None) -> tuple[Finding, ...]:
    """Return what is found in *policy* as of *now*, an aware time, in the order of the text.

    With *tasks*, an inventory, also what the rules come to for them.
    """
    found = [*reach.unreachable(policy.rules), *wording.remarks(policy, now)]
    if tasks is not None:
        known = {finding.rule for finding in found if finding.code.name in {"E101", "E102"}}
        # Of a rule that no task can reach, there is nothing more to say.
        found += [finding for finding in fleet.remarks(policy, tasks, now) if finding.rule not in known]
    return in_order(found)


def in_order(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Return *findings* as they stand in the text."""
    return tuple(sorted(findings, key=lambda each: (each.origin.file, each.origin.line, each.code.name)))
