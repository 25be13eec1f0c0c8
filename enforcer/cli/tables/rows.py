"""Rows of the journal, locks and tasks as a table for people or as JSON for programs."""

from collections.abc import Sequence

import msgspec

from enforcer.cli.terminal import screen
from enforcer.core.text.moment import utc_text
from enforcer.core.text.visible import visible
from enforcer.journal.contests import Contested
from enforcer.journal.register import RunRow
from enforcer.model.allowance import Allowance
from enforcer.model.lock import LockState
from enforcer.model.task import Task
from enforcer.reports import table

_BUDGET_HEAD = ("target", "project", "direction", "sent in 24 h", "per day", "left", "frees from", "all free at")
_TASK_HEAD = ("task", "target", "name", "mode", "status", "type", "method", "from", "to")
_HEAD = ("run", "command", "policy", "started", "exit", "planned", "changed", "failed")
_CONTESTED_HEAD = ("task", "target", "direction", "since", "found by run")
_LOCK_HEAD = ("endpoint", "project", "lock", "last run", "command", "by", "since")


def runs_json(rows: Sequence[RunRow]) -> str:
    """Return a JSON array of one object per run."""
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def runs_text(rows: Sequence[RunRow]) -> str:
    """Return one line per run below a heading, or one sentence if there is none."""
    if not rows:
        return "No runs yet. `enforcer apply POLICY` records the first."
    return aligned([_HEAD, *(_cells(row) for row in rows)])


def _cells(row: RunRow) -> tuple[str, ...]:
    code = row.exit_name if row.exit_code is None else f"{row.exit_code} {row.exit_name}"
    counts = ("-" if number is None else f"{number:,}" for number in (row.planned, row.changed, row.failed))
    return (row.run_id, visible(row.command, 40), visible(row.policy_name, 40), row.started_at, code, *counts)


def allowances_json(found: Sequence[Allowance]) -> str:
    """Return a JSON array of one object per target and direction."""
    rows = [
        msgspec.to_builtins(each) | {"frees_at": _time(each.frees_at), "all_free_at": _time(each.all_free_at)}
        for each in found
    ]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def allowances_text(found: Sequence[Allowance]) -> str:
    """Return one line per target and direction below a heading, or one sentence if there is none."""
    if not found:
        return "No run has sent anything yet."
    return aligned([_BUDGET_HEAD, *(_allowance_cells(each) for each in found)])


def _allowance_cells(each: Allowance) -> tuple[str, ...]:
    limits = ("-" if number is None else f"{number:,}" for number in (each.per_day, each.left))
    times = (_time(at) or "-" for at in (each.frees_at, each.all_free_at))
    place = visible(each.target, 40), visible(each.project_id or "-", 64), f"to {each.direction}"
    return (*place, f"{each.sent:,}", *limits, *times)


def _time(at: float | None) -> str | None:
    return None if at is None else utc_text(at)


def contested_json(found: Sequence[Contested]) -> str:
    """Return a JSON array of one object per contested task."""
    rows = [msgspec.to_builtins(each) | {"since": utc_text(each.since)} for each in found]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def contested_text(found: Sequence[Contested]) -> str:
    """Return one line per contested task below a heading, or one sentence if there is none."""
    if not found:
        return "No task is contested."
    rows = [
        (visible(each.task_id, 64), visible(each.target, 40), f"to {each.mode}", utc_text(each.since), each.run_id)
        for each in found
    ]
    return aligned([_CONTESTED_HEAD, *rows])


def locks_json(states: Sequence[LockState]) -> str:
    """Return a JSON array of one object per lock."""
    return msgspec.json.format(msgspec.json.encode([_lock_fields(state) for state in states]), indent=2).decode()


def _lock_fields(state: LockState) -> dict[str, object]:
    holder = state.holder
    said = None if holder is None else msgspec.to_builtins(holder) | {"since": utc_text(holder.since)}
    return {"endpoint": state.endpoint, "project_id": state.project_id, "held": state.is_held, "holder": said}


def locks_text(states: Sequence[LockState]) -> str:
    """Return one line per lock below a heading, or one sentence if there is none."""
    if not states:
        return "No run has taken a lock yet."
    return aligned([_LOCK_HEAD, *(_lock_cells(state) for state in states)])


def _lock_cells(state: LockState) -> tuple[str, ...]:
    place = visible(state.endpoint, 60), visible(state.project_id, 64), "held" if state.is_held else "free"
    holder = state.holder
    if holder is None:
        return (*place, *["-"] * 4)
    by = f"{visible(holder.user, 40)}@{visible(holder.host, 60)} ({holder.pid})"
    return (*place, visible(holder.run_id, 60), visible(holder.command, 40), by, utc_text(holder.since))


def tasks_text(tasks: Sequence[Task]) -> str:
    """Return one line per task below a heading, or one sentence if there is none."""
    return aligned([_TASK_HEAD, *map(_task_cells, tasks)]) if tasks else "No tasks."


def _task_cells(task: Task) -> tuple[str, ...]:
    values = task.target, task.task_name, task.resume_mode, task.status, task.migration_type, task.migration_method
    instances = (
        task.source_instance_name or task.source_instance_id,
        task.target_instance_name or task.target_instance_id,
    )
    return (visible(task.task_id, 64), *(visible(value or "-", 40) for value in (*values, *instances)))


def aligned(rows: Sequence[tuple[str, ...]], *, indent: str = "") -> str:
    """Return *rows* as lines that begin with *indent* and fit the terminal that they go to, if they go to one."""
    columns = screen.width()
    lines = table.aligned(rows, width=None if columns is None else columns - len(indent))
    return "\n".join(indent + line for line in lines)
