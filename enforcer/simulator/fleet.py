"""The tasks as they are now: listed, found, switched, edited; knows nothing of requests.

Time is an argument (seconds of a monotonic clock); a status that is due to change does so on the next read.
"""

from collections import deque
from typing import Any

from enforcer.simulator.chance import chance
from enforcer.simulator.inventory import Row

_FULL, _INCREMENTAL = "FULLMIGRATING", "INCRMIGEATING"


class Fleet:
    """
    Rows in the order of the list.

    After a switch to auto a share *full_sync_share* of the tasks in the incremental phase does a full
    synchronisation for *full_sync_for* seconds; *seed* decides which.
    """

    def __init__(
        self, rows: list[Row], *, seed: int = 1, full_sync_share: float = 0.0, full_sync_for: float = 60.0
    ) -> None:
        self._rows = rows
        self._by_id = {row["task_id"]: row for row in rows if isinstance(row.get("task_id"), str)}
        self._seed = seed
        self._full_sync_share = full_sync_share
        self._full_sync_for = full_sync_for
        self._syncing: deque[tuple[float, Row]] = deque()

    def rows(self, now: float) -> list[Row]:
        """Return all rows at *now*."""
        self._settle(now)
        return self._rows

    def find(self, task_id: str, now: float) -> Row | None:
        self._settle(now)
        return self._by_id.get(task_id)

    def set_mode(self, row: Row, mode: str, now: float) -> None:
        """Switch a row of this fleet to *mode*."""
        turned_auto = mode == "auto" and row.get("resume_mode") != "auto"
        row["resume_mode"] = mode
        if turned_auto and row.get("status") == _INCREMENTAL and self._resyncs(row):
            row["status"] = _FULL
            self._syncing.append((now + self._full_sync_for, row))

    def edit(self, task_id: str, fields: dict[str, Any]) -> Row | None:
        """Change a row as a person at the console would; return it, or None if there is none."""
        row = self._by_id.get(task_id)
        if row is not None:
            row.update(fields)
        return row

    def remove(self, task_id: str) -> None:
        """Forget the task, from the list and from the details."""
        row = self._by_id.pop(task_id)
        self._rows.remove(row)

    def _resyncs(self, row: Row) -> bool:
        return chance(self._seed, "full sync", row["task_id"]) < self._full_sync_share

    def _settle(self, now: float) -> None:
        # All take equally long, so the oldest ends first.
        while self._syncing and self._syncing[0][0] <= now:
            _, row = self._syncing.popleft()
            if row.get("status") == _FULL:
                row["status"] = _INCREMENTAL
