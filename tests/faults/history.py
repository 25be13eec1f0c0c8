"""All that is left of a run when it is over: what the server saw, and what the tool wrote. Values only."""

from dataclasses import dataclass, field
from typing import Any

from enforcer.model.event import Entry
from tests.faults.ledger import Record


@dataclass(kw_only=True)
class History:
    records: list[Record]
    """The server's ledger."""
    entries: list[Entry]
    """The journal of the run."""
    report: dict[str, Any]
    code: int
    before: dict[str, Any]
    """The mode of every task before the run, by id."""
    after: dict[str, Any]
    desired: dict[str, str]
    """What the policy wants of tasks that it speaks of, by id."""
    meddled: set[str] = field(default_factory=set)
    """Tasks that somebody else changed, made or deleted meanwhile."""
    ever: set[str] = field(default_factory=set)
    project_id: str = ""
    rate: tuple[int, float] | None = None
    """Requests and true seconds, as asked; None: unlimited."""
    concurrency: int = 8
    pace: float = 1.0
    """How many times as fast time ran for the tool."""
    secrets: tuple[str, ...] = ()
    written: dict[str, bytes] = field(default_factory=dict)
    """Everything that the tool wrote, by name: streams and files."""
    log: bytes = b""
    """The lines of the log, which are among *written* too."""

    @property
    def puts(self) -> list[Record]:
        return [record for record in self.records if record.method == "PUT"]

    @property
    def tasks(self) -> list[dict[str, Any]]:
        """The planned changes, as report.json has them."""
        return [task for target in self.report["targets"] for task in target["tasks"]]

    def in_state(self, *states: str) -> list[dict[str, Any]]:
        return [task for task in self.tasks if task["state"] in states]

    def states(self) -> dict[str, str]:
        return {task["task_id"]: task["state"] for task in self.tasks}

    def state_of(self, put: Record) -> str:
        return self.states()[put.task_id or ""]

    def puts_of(self, task_id: str | None) -> list[Record]:
        return [record for record in self.puts if record.task_id == task_id]

    def events(self, *kinds: str) -> list[Any]:
        return [entry.event for entry in self.entries if entry.event.kind in kinds]
