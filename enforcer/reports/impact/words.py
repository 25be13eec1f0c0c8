"""What the formats for people say of an impact, in the same order and words."""

from collections.abc import Iterator

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.impact import Impact, Move
from enforcer.model.plan import Decision
from enforcer.model.task import ResumeMode

LIMIT = 40
"""Rows of one group; the rest is counted."""


class Group(Struct, frozen=True, kw_only=True):
    title: str
    moves: tuple[Move, ...]


def groups(impact: Impact) -> Iterator[Group]:
    """Yield the groups that have something in them, the riskiest first."""
    named = (
        ("To auto by this edit", impact.desiring(ResumeMode.AUTO)),
        ("To manual by this edit", impact.desiring(ResumeMode.MANUAL)),
        ("Left alone by this edit", impact.desiring(None)),
        (
            "No rule matches any more, the mode is the same",
            tuple(one for one in impact.unmatched if not one.is_of_mode),
        ),
        ("Another rule decides, the mode is the same", impact.rerouted),
        ("Drift that is there anyway", impact.drifting),
    )
    return (Group(title=title, moves=moves) for title, moves in named if moves)


def summary(impact: Impact) -> str:
    """Return one sentence that says it all."""
    if not impact.moved:
        return f"The edit moves none of {impact.tasks:,} tasks."
    sent = sum(each.changes_task for each in impact.moved)
    parts = (
        f"{len(impact.desiring(ResumeMode.AUTO)):,} to auto",
        f"{len(impact.desiring(ResumeMode.MANUAL)):,} to manual",
        f"{len(impact.desiring(None)):,} left alone",
    )
    moved = f"The edit moves {len(impact.moved):,} of {impact.tasks:,} tasks"
    return f"{moved}: {', '.join(parts)}; {sent:,} would be changed."


def row(move: Move) -> tuple[str, str, str, str, str]:
    """Return id, name, what was and what is desired, each with what decides, and what the task has."""
    task = move.task
    observed = "-" if task.resume_mode is None else str(task.resume_mode)
    return visible(task.task_id, 64), visible(task.task_name or "-"), _said(move.before), _said(move.after), observed


HEAD = ("task", "name", "before", "after", "is")


def _said(decision: Decision) -> str:
    mode = "leave" if decision.desired is None else str(decision.desired)
    if decision.override is not None:
        return f"{mode} (override {visible(decision.override.id)})"
    return f"{mode} ({visible(decision.ground.value if decision.rule is None else decision.rule.id)})"
