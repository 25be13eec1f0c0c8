"""THE decision: the only place where a mode is chosen for a task."""

from datetime import datetime
from typing import Final

from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.model.plan import Decision, Ground
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode, Task

_MODES: Final = {
    PolicyMode.LEAVE: None,
    PolicyMode.MANUAL: ResumeMode.MANUAL,
    PolicyMode.AUTO: ResumeMode.AUTO,
}


def decide(task: Task, policy: CompiledPolicy, overrides: CompiledOverrides, now: datetime) -> Decision:
    """Return what should become of *task* at *now*.

    In this order: eligibility, which no override lifts; an override to leave; an override to a mode; the first
    matching rule; the default.
    """
    if not policy.is_eligible(task):
        return Decision(desired=None, ground=Ground.NOT_ELIGIBLE)
    override = overrides.holding(task, now)
    if override is not None:
        return Decision(desired=_MODES[override.mode], ground=Ground.OVERRIDE, override=override)
    rule = policy.first_match(task, now)
    if rule is None:
        return Decision(desired=_MODES[policy.policy.default], ground=Ground.DEFAULT)
    return Decision(desired=_MODES[rule.mode], ground=Ground.RULE, rule=rule)
