"""The way on from a run that did not get to its end: what it did not attempt, and what did not happen."""

from datetime import datetime

from msgspec import Struct

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.planning.revisit import GONE, MODE_BEFORE_UNKNOWN, NO_LONGER_ELIGIBLE, Kept
from enforcer.core.planning.undo import MOVED, REVERTED
from enforcer.model.plan import Cause, Change
from enforcer.model.report.task import State, TaskReport
from enforcer.model.task import Task

DONE = "done by that run"
SKIPPED = "skipped by that run"


class Resume(Struct, frozen=True, kw_only=True):
    """Judges the tasks of an earlier run for the way on. Implements `revisit.Judge`."""

    policy: CompiledPolicy
    overrides: CompiledOverrides
    now: datetime
    follows_policy: bool
    """Whether the earlier run did what the policy asked for: then it must still ask for it."""

    def verdict(self, was: TaskReport, task: Task) -> Change | Kept:
        """Return the change that the earlier run had planned, or why there is none."""
        if was.state is State.VERIFIED:
            return Kept(reason=DONE, is_told=False)
        if task.resume_mode is was.desired:
            return Kept(reason="as desired", is_told=False, is_in_sync=True)
        why_not = self._why_not(was, task)
        if why_not is not None:
            return Kept(reason=why_not)
        cause = Cause(name=was.rule, origin=was.origin, reason=was.rule_reason)
        return Change(task=task, desired=was.desired, cause=cause, obstacle=task.defect)

    def missing(self, was: TaskReport) -> str | None:
        return None if was.state in {State.VERIFIED, State.GONE} else GONE

    def _why_not(self, was: TaskReport, task: Task) -> str | None:
        if was.before is None:
            return MODE_BEFORE_UNKNOWN
        if task.resume_mode is not was.before:
            return f"{MOVED}: its mode is not reported"
        if was.state in {State.SKIPPED, State.REVERTED}:
            return REVERTED if was.state is State.REVERTED else f"{SKIPPED}: {was.reason}"
        if not self.policy.is_eligible(task):
            return NO_LONGER_ELIGIBLE
        asked = decide(task, self.policy, self.overrides, self.now).desired
        if self.follows_policy and asked is not was.desired:
            return f"the policy asks otherwise now: {'to leave it' if asked is None else asked}"
        return None
