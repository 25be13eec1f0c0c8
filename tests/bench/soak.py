"""`make soak`: night after night against the simulator, for ten minutes or a year of nights. Exits 1 if anything grows.

Every night other tasks are out of place, and one process puts them right by the command, so that memory, open files or
threads that are not given back add up. A night passes by moving the records a day back, so that what the policy keeps
no longer is deleted: the journal and the folder of reports must stop growing.
"""

import argparse
import contextlib
import json
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.simulated import Simulated, simulator

TASKS = 200
OUT_OF_PLACE = 10
KEEP_DAYS = 30
WITHIN_S = 600.0
NIGHTS = 365
FEWEST = 4 * KEEP_DAYS
"""Nights without which nothing can be said: as many as fill the store, and three times as many that must not."""
POLICY = f"""\
version: 1
name: soak
eligible: {{}}
default: manual
limits:
  rate: unlimited
  to_manual: {{max: unlimited, percent: unlimited, per_day: unlimited}}
history: {{keep: {KEEP_DAYS}d}}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """What a night left behind."""

    code: int
    resident: int
    files: int
    threads: int
    objects: int
    runs: int
    """In the journal."""
    journal: int
    """Its size in bytes."""
    folders: int
    """Of reports."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """How a quantity moved from the second quarter of the nights to the last, and how far it may."""

    what: str
    before: float
    after: float
    allowed: float

    @property
    def is_too_much(self) -> bool:
        return self.after - self.before > self.allowed


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.soak", description=__doc__)
    parser.add_argument("--nights", type=int, default=NIGHTS, help=f"at most so many; by default {NIGHTS}")
    parser.add_argument("--within", type=float, default=WITHIN_S, help=f"seconds; by default {WITHIN_S:g}")
    asked = parser.parse_args()
    nights = list(_nights(asked.nights, asked.within))
    failed = [number for number, night in enumerate(nights, start=1) if night.code]
    if failed:
        _tell(f"{len(failed)} nights did not end well, the first of them night {failed[0]}.")
        return 1
    if len(nights) < FEWEST:
        _tell(f"only {len(nights)} nights: {FEWEST} are needed to tell growth from filling up.")
        return 1
    growths = list(_growths(nights))
    for growth in growths:
        verdict = "GROWS" if growth.is_too_much else "ok"
        _tell(f"{growth.what:<32} {growth.before:>14,.0f} {growth.after:>14,.0f}   {verdict}")
    _tell(f"{len(nights)} nights; medians of the second quarter and of the last.")
    return int(any(growth.is_too_much for growth in growths))


def _growths(nights: Sequence[Night]) -> Iterator[Growth]:
    quarter = len(nights) // 4
    for what, name, share, more in (
        ("memory, bytes", "resident", 0.03, 1 << 20),
        ("open files", "files", 0.0, 0),
        ("threads", "threads", 0.0, 0),
        ("objects", "objects", 0.01, 0),
        ("runs in the journal", "runs", 0.0, 0),
        ("journal, bytes", "journal", 0.05, 0),
        ("folders of reports", "folders", 0.0, 0),
    ):
        values = [float(getattr(night, name)) for night in nights]
        before, after = statistics.median(values[quarter : 2 * quarter]), statistics.median(values[-quarter:])
        yield Growth(what=what, before=before, after=after, allowed=before * share + more)


def _nights(most: int, within_s: float) -> Iterator[Night]:
    until = time.monotonic() + within_s
    with tempfile.TemporaryDirectory() as folder, simulator(tasks=TASKS) as cloud:
        state = Path(folder) / "state"
        ids = [task["task_id"] for task in cloud.tasks()]
        with _worker(Path(folder), state, cloud) as night_after_night:
            for number in range(most):
                if time.monotonic() > until:
                    return
                _disturb(cloud, ids, number)
                held = next(night_after_night)
                yield Night(**held, **_stored(state))
                _pass_a_day(state)
                if number % 50 == 49:
                    _tell(f"{number + 1} nights ...")


@contextlib.contextmanager
def _worker(folder: Path, state: Path, cloud: Simulated) -> Iterator[Iterator[dict[str, Any]]]:
    """Give what runs a night each time that it is asked for the next."""
    policy = folder / "soak.yaml"
    policy.write_text(POLICY, encoding="utf-8")
    home = {"PATH": os.defpath, "HOME": str(folder), "ENFORCER_STATE_DIR": str(state), "ENFORCER_LOG_LEVEL": "warning"}
    command = [sys.executable, "-m", "tests.bench.loops.nights", str(policy)]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=home | cloud.env, text=True
        )
    with process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield _answers(process.stdin, process.stdout)
        finally:
            process.stdin.close()


def _answers(asked: Any, answers: Any) -> Iterator[dict[str, Any]]:
    while True:
        asked.write("\n")
        asked.flush()
        yield json.loads(answers.readline())


def _disturb(cloud: Simulated, ids: Sequence[str], number: int) -> None:
    """Set some tasks to auto, other ones than in the nights before: what is reset again and again is contested."""
    first = number * OUT_OF_PLACE
    for place in range(first, first + OUT_OF_PLACE):
        cloud.edit(ids[place % len(ids)], resume_mode="auto")


def _stored(state: Path) -> dict[str, int]:
    journal = state / "journal.db"
    with contextlib.closing(sqlite3.connect(journal)) as connection:
        (runs,) = connection.execute("SELECT count(*) FROM run").fetchone()
    folders = sum(1 for each in (state / "runs").iterdir() if each.is_dir())
    return {"runs": runs, "journal": journal.stat().st_size, "folders": folders}


def _pass_a_day(state: Path) -> None:
    with contextlib.closing(sqlite3.connect(state / "journal.db")) as connection:
        for table in ("run", "run_target"):
            connection.execute(f"UPDATE {table} SET started_at = started_at - 86400")  # noqa: S608 - two names above
        connection.commit()


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
