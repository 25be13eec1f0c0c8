"""A policy compiled once, and which of its rules a task matches."""

from collections.abc import Iterator
from datetime import datetime

from enforcer.core.patterns.index import Index
from enforcer.core.patterns.matching import compile_match
from enforcer.model.policy import Policy
from enforcer.model.rule import Rule
from enforcer.model.task import Task


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
