"""A difference as text for people: a list of tasks for each kind that has any."""

from collections.abc import Iterator, Sequence

from enforcer.core.text.visible import visible
from enforcer.model.difference import Difference, Differing, Side
from enforcer.reports import words
from enforcer.reports.table import aligned

_SHOWN = 50
"""Tasks of a kind that are listed."""


def render(difference: Difference) -> str:
    """Return *difference* as lines; of a kind with very many tasks the first, and the number of the rest."""
    return "\n".join(_lines(difference))


def _lines(difference: Difference) -> Iterator[str]:
    yield f"earlier  {_side(difference.earlier)}"
    yield f"later    {_side(difference.later)}"
    yield ""
    kinds = (
        ("Newly drifting", difference.newly_drifting),
        ("Drifting again, though the earlier run had set them", difference.drifting_again),
        ("Newly failing", difference.newly_failing),
        ("Newly contested", difference.newly_contested),
        ("Fixed", difference.fixed),
    )
    for title, tasks in kinds:
        if tasks:
            yield from _kind(title, tasks)
    if difference.is_empty:
        yield "No task is different."
    if difference.still_drifting:
        yield f"Drifting in both: {difference.still_drifting:,}"
    if difference.not_compared:
        names = ", ".join(visible(name, 64) for name in difference.not_compared)
        yield f"Not compared, since only one of the two listed them: {names}"


def _side(side: Side) -> str:
    return f"{visible(side.run_id)}  {visible(side.policy, 64)}, {side.started_at}: {visible(side.exit.name, 32)}"


def _kind(title: str, tasks: Sequence[Differing]) -> Iterator[str]:
    yield f"{title}: {len(tasks):,}"
    yield from ("  " + line for line in aligned([_cells(task) for task in tasks[:_SHOWN]]))
    if len(tasks) > _SHOWN:
        yield f"  and {len(tasks) - _SHOWN:,} more: --format json has them all"
    yield ""


def _cells(task: Differing) -> tuple[str, ...]:
    names = visible(task.task_id, 64), visible(task.task_name or "-", 40), visible(task.target, 40)
    return (f"to {task.desired}", *names, visible(task.rule, 64), words.state(task.state))
