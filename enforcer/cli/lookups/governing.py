"""Which of the tasks a rule decides."""

import difflib
from collections.abc import Callable, Collection
from typing import Final

from enforcer.cli.runs import in_force
from enforcer.cli.state import Home
from enforcer.core.decide import decide
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.errors import UsageError
from enforcer.model.plan import Ground
from enforcer.model.policy import Policy
from enforcer.model.task import Task
from enforcer.run.clock import utc_now

DEFAULT: Final = str(Ground.DEFAULT)
"""What to call the policy's default, where no rule decides."""


def governed(policy: Policy, rules: Collection[str], home: Home) -> Callable[[Task], bool]:
    """Return what tells whether one of *rules*, ids or DEFAULT, decides a task now; no overridden task is any rule's.

    Raises UsageError if *policy* has no such rule, and JournalError if overrides cannot be read.
    """
    known = [*(rule.id for rule in policy.rules), DEFAULT]
    for each in rules:
        if each not in known:
            near = difflib.get_close_matches(each, known, n=1)
            raise UsageError(
                f"the policy {policy.name} has no rule {each!r}",
                hint=f"Did you mean {near[0]}?" if near else "`enforcer check --effective POLICY` lists its rules.",
            )
    compiled, overrides, now = CompiledPolicy(policy), in_force.overrides(policy, home), utc_now()

    def is_governed(task: Task) -> bool:
        decision = decide(task, compiled, overrides, now)
        if decision.ground is Ground.DEFAULT:
            return DEFAULT in rules
        return decision.rule is not None and decision.rule.id in rules

    return is_governed
