"""The way back from a run: to the modes before, for tasks whose mode is still what that run set."""

from collections.abc import Mapping

from msgspec import Struct

from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.planning.revisit import GONE, MODE_BEFORE_UNKNOWN, NO_LONGER_ELIGIBLE, Kept
from enforcer.model.history import SetSince
from enforcer.model.plan import Cause, Change
from enforcer.model.report.task import State, TaskReport
from enforcer.model.task import Task

NEVER_CHANGED = "never changed by that run"
MOVED = "moved since"
REVERTED = "set back by that run itself"
SET_LATER = "set by a later run"

_MAY_HAVE_CHANGED = frozenset({State.VERIFIED, State.ACKED, State.UNKNOWN, State.MISMATCH})


class Undo(Struct, frozen=True, kw_only=True):
    """Judges the tasks of the run *run_id* for the way back. Implements `revisit.Judge`."""

    run_id: str
    policy: CompiledPolicy
    set_since: Mapping[str, SetSince]
    """The run that set each task last, by its id, where that was a later one."""

    def verdict(self, was: TaskReport, task: Task) -> Change | Kept:
        """Return the change to the mode before, or why there is none."""
        why_not = self._why_not(was, task)
        if why_not is not None or was.before is None:
            return Kept(reason=why_not or MODE_BEFORE_UNKNOWN)
        cause = Cause(name=f"undo {self.run_id}", reason=f"set by {was.rule}")
        return Change(task=task, desired=was.before, cause=cause, obstacle=task.defect)

    def missing(self, was: TaskReport) -> str:
        return GONE if was.state in _MAY_HAVE_CHANGED else NEVER_CHANGED

    def _why_not(self, was: TaskReport, task: Task) -> str | None:
        if was.state not in _MAY_HAVE_CHANGED:
            return REVERTED if was.state is State.REVERTED else NEVER_CHANGED
        if was.before is None:
            return MODE_BEFORE_UNKNOWN
        if task.resume_mode is was.before:
            return _as_before(was)
        if task.resume_mode is not was.desired:
            return f"{MOVED}: its mode is not reported"
        if (later := self.set_since.get(task.task_id)) is not None:
            return _set_later(was, later)
        return None if self.policy.is_eligible(task) else NO_LONGER_ELIGIBLE


def _as_before(was: TaskReport) -> str:
    if was.state is State.UNKNOWN:
        return f"{MOVED}, or not applied: it is {was.before}, as before that run"
    return f"{MOVED}: it is {was.before} again, as before that run"


def _set_later(was: TaskReport, later: SetSince) -> str:
    again = "" if later.mode is was.desired else f", and it is {was.desired} again"
    return f"{SET_LATER}: {later.run_id}, to {later.mode}{again}"
