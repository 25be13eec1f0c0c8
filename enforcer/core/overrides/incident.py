"""What became of an incident's tasks: what its run set, and what is no longer so. Pure."""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from enforcer.core.overrides.ledger import matched
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.model.limits import InventoryLimits, Limits
from enforcer.model.override import Override
from enforcer.model.report.run import Report
from enforcer.model.report.task import State, TaskReport
from enforcer.model.task import ResumeMode, Task

SET: Final = frozenset({State.VERIFIED, State.ACKED})
"""The states of a change that took effect, as far as anyone knows."""

NOT_LISTED: Final = "no longer listed"


class Incident(Struct, frozen=True, kw_only=True):
    """An incident as the state directory has it."""

    override: Override
    report: Report | None
    """What its run did; None: it did not come to begin."""
    policy_path: str | None
    """The policy that it remembers."""


def without_guards(limits: Limits) -> Limits:
    """Return *limits* for a run that does what it can with what is listed: rate, workers and deadline stay.

    A list that is short keeps nobody from making manual what is on it.
    """
    return replace(limits, inventory=InventoryLimits(min_tasks=0, max_shrink=None, max_unknown_mode=None))


class Author(Struct, frozen=True, kw_only=True):
    """Who sent a change, as the journal has it."""

    run_id: str
    command: str
    by: str
    """``user on host``."""
    at: float
    """Unix time in seconds."""


class Moved(Struct, frozen=True, kw_only=True):
    """A task that the incident names and that is not as the incident wants it."""

    target: str
    task_id: str
    task_name: str | None
    observed: ResumeMode | None
    """None: it shows no mode, or is no longer listed."""
    was_set: bool
    """Whether the incident's run had set it."""
    author: Author | None
    """Who has sent it a change since; None: nobody whom the journal knows."""
    note: str | None = None


class IncidentState(Struct, frozen=True, kw_only=True):
    """An incident, compared with the tasks as they are now."""

    set: int
    """How many tasks its run set."""
    not_set: tuple[TaskReport, ...]
    """Those that it was to set, and did not as far as anyone knows."""
    still: int
    """How many of the tasks that it set are still so."""
    moved: tuple[Moved, ...]


def compare(
    override: Override,
    report: Report,
    tasks: Iterable[Task],
    policy: CompiledPolicy,
    authors: Mapping[str, Author],
) -> IncidentState:
    """Return what has become of the incident of *override*, whose run is told of by *report*.

    *tasks* are those listed now at the incident's targets; *authors* has, by task id, who sent the last
    change after that run.
    """
    by_id = {(task.target, task.task_id): task for task in tasks}
    planned = {(target.name, task.task_id): task for target in report.targets for task in target.tasks}
    was_set = {key: task for key, task in planned.items() if task.state in SET}
    desired = ResumeMode(override.mode.value) if override.mode != "leave" else None
    moved = [
        _moved(key, was, by_id.get(key), authors) for key, was in was_set.items() if _mode(by_id.get(key)) != desired
    ]
    others = [
        task
        for task in matched(override, by_id.values())
        if desired is not None
        and (task.target, task.task_id) not in was_set
        and task.resume_mode is not desired
        and policy.is_eligible(task)
    ]
    return IncidentState(
        set=len(was_set),
        not_set=tuple(task for key, task in planned.items() if key not in was_set),
        still=len(was_set) - len(moved),
        moved=(*moved, *(_other(task, authors) for task in others)),
    )


def _mode(task: Task | None) -> ResumeMode | None:
    return None if task is None else task.resume_mode


def _moved(key: tuple[str, str], was: TaskReport, task: Task | None, authors: Mapping[str, Author]) -> Moved:
    return Moved(
        target=key[0],
        task_id=was.task_id,
        task_name=was.task_name if task is None else task.task_name,
        observed=_mode(task),
        was_set=True,
        author=authors.get(was.task_id),
        note=NOT_LISTED if task is None else None,
    )


def _other(task: Task, authors: Mapping[str, Author]) -> Moved:
    return Moved(
        target=task.target,
        task_id=task.task_id,
        task_name=task.task_name,
        observed=task.resume_mode,
        was_set=False,
        author=authors.get(task.task_id),
    )
