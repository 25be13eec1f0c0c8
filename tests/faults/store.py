"""The tasks of a fault server: a list with pages, details with passwords, and a mode that can be set. No I/O."""

import copy
import uuid
from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]

PASSWORD_MARK = "MarkerRedisPw+/=&"
WANTED = {"wan": "manual", "pay": "auto"}
"""What the policy of the courses wants of a task, by the first part of its name; others are left alone."""
_OTHER = {"auto": "manual", "manual": "auto"}


class Store:
    """*changes* tasks that are not as wanted, one that is, and one that nobody asks about."""

    def __init__(self, changes: int = 6, *, max_page: int = 1000, hide_mode: int = 0, odd: Sequence[Row] = ()) -> None:
        """*max_page* caps every page; the list leaves out the mode of the first *hide_mode* tasks to change.

        *odd* rows stand at the end of the list as they are; their tasks exist there only.
        """
        names = [f"{('wan', 'pay')[number % 2]}-{number}" for number in range(changes)]
        rows = [_row(number, name, _OTHER[WANTED[name[:3]]]) for number, name in enumerate(names)]
        rows.append(_row(changes, "wan-insync", "manual"))
        rows.append(_row(changes + 1, "search-left", "auto"))
        self.rows: dict[str, Row] = {row["task_id"]: row for row in rows}
        self.max_page = max_page
        self.hidden = set(list(self.rows)[: min(hide_mode, changes)])
        self.meddled: set[str] = set()
        """Tasks that someone else than the client has changed, made or deleted."""
        self.ever = set(self.rows)
        """The ids of all tasks that there ever were."""
        self.wanted = {row["task_id"]: WANTED[row["task_name"][:3]] for row in rows if row["task_name"][:3] in WANTED}
        """What the policy wants of the tasks that it speaks of."""
        self.odd = list(odd)
        self.wanted |= {str(row["task_id"]): WANTED[str(row["task_name"])[:3]] for row in odd}

    @property
    def ids(self) -> list[str]:
        return list(self.rows)

    def modes(self) -> dict[str, Any]:
        return {task_id: row["resume_mode"] for task_id, row in self.rows.items()}

    def page(self, offset: int, limit: int) -> Row:
        rows = [*self.rows.values(), *self.odd]
        page = rows[offset : offset + min(limit, self.max_page)]
        return {"count": len(rows), "migration_tasks": [self._listed(row) for row in page]}

    def details(self, task_id: str) -> Row | None:
        row = self.rows.get(task_id)
        if row is None:
            return None
        instance = {"password": f"{PASSWORD_MARK}{task_id[:6]}", "id": "i", "name": "n"}
        return {**row, "source_instance": instance, "target_instance": instance}

    def set_mode(self, task_id: str, mode: str) -> bool:
        """Return whether there is such a task."""
        if task_id not in self.rows:
            return False
        self.rows[task_id]["resume_mode"] = mode
        return True

    def delete(self, task_id: str) -> None:
        self.rows.pop(task_id, None)
        self.meddled.add(task_id)

    def edit(self, task_id: str, **fields: Any) -> None:
        """Change a row as somebody else would."""
        self.rows[task_id].update(fields)
        self.meddled.add(task_id)

    def insert_first(self, name: str = "search-new", mode: str = "auto") -> str:
        """Add a task at the head of the list, which shifts all others, and return its id."""
        row = _row(1000 + len(self.ever), name, mode)
        self.rows = {row["task_id"]: row, **self.rows}
        self.ever.add(row["task_id"])
        self.meddled.add(row["task_id"])
        return str(row["task_id"])

    def _listed(self, row: Row) -> Row:
        shown = copy.copy(row)
        if row["task_id"] in self.hidden:
            del shown["resume_mode"]
        return shown


def _row(number: int, name: str, mode: str) -> Row:
    return {
        "task_id": str(uuid.UUID(int=(0xFA17 << 112) + number * 0x9E3779B97F4A7C15, version=4)),
        "task_name": name,
        "status": "INCRMIGEATING",
        "migration_type": "online_migration",
        "migration_method": "incremental_migration",
        "resume_mode": mode,
        "error_message": None,
    }
