"""THE decision: the only place where a mode is chosen for a task."""

from datetime import datetime

from enforcer.core.matching import CompiledPolicy
from enforcer.model.plan import Decision, Ground
from enforcer.model.policy import PolicyMode
from enforcer.model.task import ResumeMode, Task


def decide(task: Task, policy: CompiledPolicy, now: datetime) -> Decision:
    """Return what should become of *task* at *now*: eligibility, then the first matching rule, then the default."""
    if not policy.is_eligible(task):
        return Decision(desired=None, ground=Ground.NOT_ELIGIBLE)
    rule = policy.first_match(task, now)
    if rule is None:
        return Decision(desired=_mode(policy.policy.default), ground=Ground.DEFAULT)
    return Decision(desired=_mode(rule.mode), ground=Ground.RULE, rule=rule)


def _mode(asked: PolicyMode) -> ResumeMode | None:
    return None if asked is PolicyMode.LEAVE else ResumeMode(asked.value)
