"""What became of a wave's tasks since it began, and whether its gate lets the next one go.

A status that cannot be read is never taken for a good one.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct

from enforcer.model.rollout import Gate
from enforcer.model.task import Task

FULL_SYNC: Final = frozenset({"FULLMIGRATING"})
FAILED: Final = frozenset({"FAILED", "MIGRATION_FAILED"})


class Health(Struct, frozen=True, kw_only=True):
    """What was seen in any look so far, as ids of tasks. A task that has recovered by the next look stays in it."""

    full_sync: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    unreadable: frozenset[str] = frozenset()


def look(health: Health, before: Iterable[Task], now: Mapping[str, Task] | None) -> Health:
    """Return *health* and what one more look adds to it.

    *before* are the wave's tasks as they were when it began. *now* are the listed tasks by id; None: they could not
    be listed. A task that was in such a status before has not moved into it.
    """
    full_sync: set[str] = set()
    failed: set[str] = set()
    unreadable: set[str] = set()
    for task in before:
        seen = None if now is None else now.get(task.task_id)
        if seen is None or not seen.status:
            unreadable.add(task.task_id)
        elif seen.status in FULL_SYNC and task.status not in FULL_SYNC:
            full_sync.add(task.task_id)
        elif seen.status in FAILED and task.status not in FAILED:
            failed.add(task.task_id)
    return Health(
        full_sync=health.full_sync | full_sync,
        failed=health.failed | failed,
        unreadable=health.unreadable | unreadable,
    )


def objections(health: Health, call_errors: int, gate: Gate) -> tuple[str, ...]:
    """Return one sentence for each allowance of *gate* that is passed, so () means go on."""
    bad = len(health.failed | health.unreadable)
    unread = f", {len(health.unreadable):,} of them without a status that can be read" if health.unreadable else ""
    counts = (
        (len(health.full_sync), gate.max_full_sync, "moved into a full sync", "max_full_sync"),
        (bad, gate.max_failed, f"failed{unread}", "max_failed"),
        (call_errors, gate.max_call_errors, "requests failed", "max_call_errors"),
    )
    return tuple(
        f"{what}: {count:,} > {most:,} (gate.{key})"
        for count, most, what, key in counts
        if most is not None and count > most
    )
