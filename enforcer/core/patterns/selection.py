"""The tasks that a flag names."""

from collections.abc import Collection, Iterable, Sequence

from enforcer.core.patterns.matching import Condition
from enforcer.model.task import Task


class Selection:
    """The tasks that ``--only`` names, by id or by name; no pattern at all selects every task."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._either = tuple(Condition(name, texts) for name in ("task_id", "task_name") if texts)

    def includes(self, task: Task) -> bool:
        return not self._either or any(condition.hits(task) for condition in self._either)


def unmatched(texts: Iterable[str], tasks: Collection[Task]) -> tuple[str, ...]:
    """Return those of the ``--only`` patterns *texts* that select none of *tasks*."""
    return tuple(text for text in texts if not any(map(Selection((text,)).includes, tasks)))
