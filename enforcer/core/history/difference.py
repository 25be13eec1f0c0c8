"""Two reports, the earlier and the later -> what is different. Pure.

Reports name the tasks that were amiss; the others that a run listed were as desired, or not its business.
"""

from collections.abc import Iterable

from enforcer.core.admission import fights
from enforcer.core.patterns.selection import Selection
from enforcer.model.difference import Difference, Differing, Side
from enforcer.model.report.run import Report
from enforcer.model.report.task import State, TaskReport
from enforcer.model.task import Task

SET = frozenset({State.VERIFIED, State.ACKED})
"""What a run set, as far as it can tell."""
FAILING = frozenset({State.FAILED, State.UNKNOWN, State.MISMATCH})

_Key = tuple[str, str]
"""A target's name and a task's id."""


def difference(earlier: Report, later: Report) -> Difference:
    """Return how *later* differs from *earlier*; each in the order of its own plan."""
    both = _listed(earlier) & _listed(later)
    before, after = _amiss(earlier, later, both), _amiss(later, earlier, both)
    pairs = [(key, before.get(key), task) for key, task in after.items()]
    same = [(key, old, task) for key, old, task in pairs if old is not None and old.desired is task.desired]
    known = {key for key, _, _ in same}
    again = [(key, task) for key, old, task in same if old.state in SET]
    return Difference(
        earlier=_side(earlier),
        later=_side(later),
        newly_drifting=_tasks((key, task) for key, _, task in pairs if key not in known),
        drifting_again=_tasks(again),
        fixed=_tasks((key, task) for key, task in before.items() if key not in after and task.state is not State.GONE),
        newly_failing=_tasks((key, task) for key, old, task in pairs if _fails(task) and not _fails(old)),
        newly_contested=_tasks((key, task) for key, old, task in pairs if _contested(task) and not _contested(old)),
        still_drifting=len(same) - len(again),
        not_compared=tuple(sorted(_listed(earlier) ^ _listed(later))),
    )


def _listed(report: Report) -> set[str]:
    return {target.name for target in report.targets if target.inventory is not None}


def _amiss(report: Report, other: Report, targets: set[str]) -> dict[_Key, TaskReport]:
    """Return the tasks of *report* that were amiss and that *other* looked at too."""
    selection = Selection(other.only)
    return {
        (target.name, task.task_id): task
        for target in report.targets
        if target.name in targets
        for task in target.tasks
        if selection.includes(Task(target=target.name, task_id=task.task_id, task_name=task.task_name))
    }


def _fails(task: TaskReport | None) -> bool:
    return task is not None and task.state in FAILING


def _contested(task: TaskReport | None) -> bool:
    return task is not None and task.state is State.DEFERRED and fights.is_named_in(task.reason)


def _side(report: Report) -> Side:
    return Side(run_id=report.run_id, policy=report.policy.name, started_at=report.started_at, exit=report.exit)


def _tasks(found: Iterable[tuple[_Key, TaskReport]]) -> tuple[Differing, ...]:
    return tuple(
        Differing(
            target=target,
            task_id=task.task_id,
            task_name=task.task_name,
            before=task.before,
            desired=task.desired,
            rule=task.rule,
            state=task.state,
            reason=task.reason,
        )
        for (target, _), task in found
    )
