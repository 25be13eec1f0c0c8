"""The installed command, run again and again over one state directory and one fault server, however each run ends."""

import contextlib
import os
import shutil
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from enforcer.journal import reader, register
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.model.event import Entry
from tests.command import Command, Outcome, finished, installed
from tests.faults import actions
from tests.faults.course import Course
from tests.faults.rules import Rule, Scenario
from tests.faults.server import FaultServer, serving
from tests.faults.store import Store

RATE = (300, "s")
LATENCY_S = 0.015
"""Of a PUT's answer: long enough that a run without a rate has the next intents on record ahead (run.apply.SPARE_S)."""
STRACE = shutil.which("strace")


@dataclass(frozen=True, kw_only=True)
class Life:
    """One state directory, one server, and the policy that wants the server's tasks otherwise."""

    folder: Path
    server: FaultServer
    concurrency: int = 3
    rate: tuple[int, str] | None = RATE
    """None: unlimited."""
    edits: list[tuple[float, str]] = field(default_factory=list)
    """What a person has changed: when, and which task."""

    def edit(self, task_id: str, mode: str) -> None:
        """Set a mode as a person would."""
        self.edits.append((time.time(), task_id))
        self.server.store.edit(task_id, resume_mode=mode)

    @property
    def command(self) -> Command:
        self.folder.mkdir(exist_ok=True)
        return Command(self.folder)

    def arguments(self, *more: str) -> list[object]:
        course = Course(folder=self.folder, concurrency=self.concurrency, rate=self.rate)
        policy = self.command.policy(course.policy)
        return ["apply", policy, "--yes", "--settle", "1s", "--log-level", "error", *more]

    def apply(self, *more: str) -> Outcome:
        """Run to the end."""
        return self.command(*self.arguments(*more), env=self.server.env)

    def apply_under(self, *strace: str, kill_when: Callable[[str], bool] | None = None) -> Outcome:
        """Run under *strace*, the options of a fault injection; kill it when its trace is as *kill_when* wants it."""
        assert STRACE is not None
        trace = self.folder / "trace"
        # With the filter of seccomp only the calls that are asked for are slowed down.
        line = [STRACE, "-f", "-qq", "--seccomp-bpf", "-o", str(trace), *strace, installed()]
        with self.command.started(args=[*line, *map(str, self.arguments())], env=self.server.env) as process:
            while kill_when is not None and process.poll() is None:
                if trace.exists() and kill_when(trace.read_text(encoding="utf-8", errors="replace")):
                    _kill_children(process.pid)
                    process.kill()  # strace itself would wait for the end of the delay
                    break
                time.sleep(0.002)
            return finished(process)

    def apply_and_kill(self, when: Callable[[Any], None]) -> Outcome:
        """Run, and kill it as soon as *when* returns; it may have ended by then."""
        with self.command.started(*self.arguments(), env=self.server.env) as process:
            when(process)
            process.send_signal(signal.SIGKILL)
            return finished(process)

    def runs(self) -> dict[str, tuple[Entry, ...]]:
        """Return the entries of every run in the journal, the oldest run first."""
        state = self.command.state
        if (state / "journal.db-journal").exists():
            return {}  # the making of the journal was cut off, so nothing was ever recorded; the next run makes it
        rows = reversed(register.listed(SqliteStore(state), limit=100_000))
        return {row.run_id: tuple(reader.events(SqliteStore(state), row.run_id)) for row in rows}

    def finish(self) -> Outcome:
        """Let what was sent last grow old enough to be judged, and run to the end, fights with the person settled."""
        outcome = self._apply_in_time()
        contested = [row["task_id"] for row in self.command("contested", "list", "--format", "json").json()]
        if not contested:
            return outcome
        self.command("contested", "clear", *contested)
        return self._apply_in_time()

    def _apply_in_time(self) -> Outcome:
        time.sleep(1.0)  # --settle: before that, the mode before proves nothing
        return self.apply()


def _kill_children(pid: int) -> None:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
        os.kill(int(child), signal.SIGKILL)


@contextlib.contextmanager
def life(
    folder: Path, *, changes: int = 6, concurrency: int = 3, rate: tuple[int, str] | None = RATE
) -> Iterator[Life]:
    """Yield a life that begins with *changes* tasks to change."""
    slow = Rule(kind="put", do=actions.latency(LATENCY_S), times=None)
    with serving(Store(changes), Scenario(rules=[slow])) as server:
        yield Life(folder=folder, server=server, concurrency=concurrency, rate=rate)
