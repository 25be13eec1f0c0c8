"""One run of the installed command against a fault server, and its history.

history = run(tmp_path, Scenario(rules=[Rule(kind="put", do=actions.apply_then_close)]))
assert check(history) == []
"""

import contextlib
import os
import ssl
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enforcer.journal import reader, register
from enforcer.journal.sqlite.store import SqliteStore
from tests.command import Command, Outcome, finished
from tests.faults.access import AK, NEW_AK, NEW_SK, PROJECT, SK
from tests.faults.history import History
from tests.faults.rules import Scenario
from tests.faults.server import FaultServer, serving
from tests.faults.store import PASSWORD_MARK, WANTED, Store

SECRETS = (SK, NEW_SK, AK, NEW_AK, PASSWORD_MARK)
PACE = 10
"""How many times as fast time runs for the command while it waits, see hurry/sitecustomize.py."""
AWAITING = 10
"""The same while it awaits an answer: it gives a server that says nothing 1.5 s of true time."""
_HURRY = Path(__file__).parent / "hurry"


NO_BUDGET = (
    "{max: unlimited, percent: unlimited, per_day: unlimited, "
    "per_source_instance: unlimited, per_target_instance: unlimited}"
)


@dataclass(kw_only=True)
class Course:
    """How the command is to be run."""

    folder: Path
    rate: tuple[int, str] | None = (10, "s")
    """By the loop's clock of the command; None: unlimited."""
    concurrency: int = 3
    pace: float = PACE
    awaiting: float = AWAITING
    """No more than *pace* counts."""
    settle: str = "1s"
    limits: str = ""
    """More of the policy's limits."""
    arguments: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    only_started: Callable[[Any, FaultServer], None] | None = None
    """What to do to the process while it runs; None: wait for it."""

    @property
    def policy(self) -> str:
        wan, pay = (f"  - {{id: {name}, match: {{task_name: '{name}-*'}}, mode: {WANTED[name]}}}\n" for name in WANTED)
        rate = "unlimited" if self.rate is None else "{}/{}".format(*self.rate)
        return (
            f"version: 1\nname: faults\nrules:\n{wan}{pay}"
            f"limits: {{rate: {rate}, concurrency: {self.concurrency}, "
            f"to_auto: {NO_BUDGET}, to_manual: {NO_BUDGET}, {self.limits}}}\n"
            # One wave that nothing stops: what is asked here is what faults come to by themselves.
            "rollout: {waves: [100%], bake: 0s, gate: {max_full_sync: unlimited, max_failed: unlimited, "
            "max_call_errors: unlimited}}\n"
        )


def run(folder: Path, scenario: Scenario, store: Store | None = None, **how: Any) -> History:
    """Run `enforcer apply` against a server of its own and return what is left of both."""
    tls: ssl.SSLContext | None = how.pop("tls", None)
    with serving(Store() if store is None else store, scenario, tls=tls) as server:
        return run_against(server, Course(folder=folder, **how))


def run_against(server: FaultServer, course: Course) -> History:
    """Run `enforcer apply` against *server* and return what is left of both."""
    first = len(server.ledger.records)
    before = server.store.modes()
    with _command(course, server) as (command, arguments, env):
        if course.only_started is None:
            outcome = command(*arguments, env=env)
        else:
            with command.started(*arguments, env=env) as process:
                course.only_started(process, server)
                outcome = finished(process)
    return _history(command=command, outcome=outcome, server=server, course=course, before=before, first=first)


@contextlib.contextmanager
def _command(course: Course, server: FaultServer) -> Iterator[tuple[Command, list[object], dict[str, str]]]:
    course.folder.mkdir(exist_ok=True)
    command = Command(course.folder)
    env = {
        **server.env,
        "PYTHONPATH": str(_HURRY),
        "HURRY": str(course.pace),
        "HURRY_AWAITING": str(min(course.pace, course.awaiting)),
        **course.env,
    }
    arguments: list[object] = [
        *("apply", command.policy(course.policy), "--yes", "--settle", course.settle),
        *("--log-level", "debug", "--log-file", "log.jsonl", *course.arguments),
    ]
    yield command, arguments, env


def _history(
    *, command: Command, outcome: Outcome, server: FaultServer, course: Course, before: dict[str, Any], first: int
) -> History:
    files = {str(path.relative_to(command.folder)): path.read_bytes() for path in _written_by(command)}
    written = {"stdout": outcome.out_bytes, "stderr": outcome.err_bytes, **files}
    runs = register.listed(SqliteStore(command.state))
    report: dict[str, Any] = {"exit": {"code": outcome.code}, "targets": [], "notices": [], "totals": {}}
    with contextlib.suppress(ValueError):  # none was written
        report = command.report()
    return History(
        records=server.ledger.records[first:],
        entries=list(reader.events(SqliteStore(command.state), runs[0].run_id)) if runs else [],
        report=report,
        code=outcome.code,
        before=before,
        after=server.store.modes(),
        desired=dict(server.store.wanted),
        meddled=set(server.store.meddled),
        ever=set(server.store.ever),
        project_id=PROJECT,
        rate=course.rate and (course.rate[0], {"s": 1.0, "m": 60.0}[course.rate[1]] / course.pace),
        concurrency=course.concurrency,
        pace=course.pace,
        secrets=SECRETS,
        written=written,
        log=files.get("log.jsonl", b""),
    )


def _written_by(command: Command) -> Iterator[Path]:
    for path in command.folder.rglob("*"):
        if path.is_file() and command.home not in path.parents and os.access(path, os.R_OK):
            yield path
