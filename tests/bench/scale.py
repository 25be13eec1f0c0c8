"""`make scale`: what a run needs at sizes that nobody waits for, by a small model that is checked against runs.

The model has a few coefficients, which four small runs give. Larger runs then say whether it holds: requests have to be
exactly as it says, the others as near as TOLERANCE. Exits 1 if one is not; if all are, what the model says of fleets up
to a million tasks and fifty targets goes into docs/performance.md.
"""

import math
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from tests.bench import document, fleet
from tests.bench.tables import number
from tests.bench.yard import Finished, Yard, server, totals

PAGE = 1_000
TOLERANCE = {"cpu_s": 0.5, "memory_mb": 0.25, "journal_mb": 0.1}
"""How far the model may be off, as a share of what a run took. Processor time depends on what else the machine does."""
LATENCY_S = 0.1
"""What the API is assumed to take for an answer, where the model is asked about time."""
WORKERS = 32
MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """A fleet, spread evenly over its targets, and how many of its tasks are to change."""

    tasks: int
    changes: int
    targets: int = 1

    @property
    def pages(self) -> int:
        """Return the pages of a target's list: each but the first begins with the last row of the one before."""
        rows = self.tasks // self.targets
        return 1 if rows < PAGE else 1 + math.ceil((rows - PAGE + 1) / (PAGE - 1))


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """What a run takes."""

    requests: float
    cpu_s: float
    memory_mb: float
    journal_mb: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A need that grows with tasks, changes and targets, from what a run takes that has next to none."""

    least: float
    per_task: float
    per_change: float
    per_target: float

    def at(self, size: Size) -> float:
        grown = self.per_task * size.tasks + self.per_change * size.changes + self.per_target * size.targets
        return self.least + grown


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    cpu_s: Line
    memory_mb: Line
    journal_mb: Line

    def need(self, size: Size) -> Need:
        return Need(
            requests=2 * size.pages * size.targets * (size.changes > 0) + size.changes,
            cpu_s=self.cpu_s.at(size),
            memory_mb=self.memory_mb.at(size),
            journal_mb=self.journal_mb.at(size),
        )

    def seconds(self, size: Size, rate: float) -> float:
        """Return how long a run lasts at *rate* requests a second and target: paced, waiting or computing.

        Targets run side by side, and a page is asked for when the one before is there.
        """
        requests = 2 * size.pages + size.changes / size.targets
        waiting = 2 * size.pages * LATENCY_S + size.changes / size.targets * LATENCY_S / WORKERS
        return max(requests / rate, waiting, self.cpu_s.at(size))


LEAST = Size(tasks=1_000, changes=20)
SMALL = (
    LEAST,
    replace(LEAST, tasks=50_000),
    replace(LEAST, tasks=10_000, changes=10_000),
    replace(LEAST, tasks=20_000, targets=20),
)
"""The least, and what has more of one thing: tasks, changes, which need tasks, and targets, each with a full page."""
LARGER = (
    Size(tasks=50_000, changes=2_500, targets=5),
    Size(tasks=100_000, changes=1_000, targets=50),
    Size(tasks=200_000, changes=2_000),
    Size(tasks=40_000, changes=20_000, targets=2),
)
ASKED = (
    Size(tasks=10_000, changes=500),
    Size(tasks=100_000, changes=5_000, targets=10),
    Size(tasks=1_000_000, changes=10_000, targets=50),
    Size(tasks=1_000_000, changes=50_000, targets=50),
    Size(tasks=1_000_000, changes=1_000_000, targets=50),
)
RATES = (5, 50)
"""Requests a second and target, for which times are told."""


def main() -> int:
    with tempfile.TemporaryDirectory(dir=_results(), prefix="run-") as folder:
        yard = Yard(Path(folder).resolve(), rounds=1)
        _measured(yard, LEAST)  # the first start writes bytecode
        model = fitted([_measured(yard, size) for size in SMALL])
        checks = [(size, model.need(size), _measured(yard, size)) for size in LARGER]
    told = f"{_checked(checks)}\n\n{_told(model)}"
    _tell(told)
    if any(_is_off(said, took) for _, said, took in checks):
        _tell("The model is off.")
        return 1
    document.put("make scale", told)
    return 0


def fitted(took: Sequence[Need]) -> Model:
    """Return the model that the runs of SMALL give."""

    def line(name: str) -> Line:
        least, tasks, changes, targets = (float(getattr(need, name)) for need in took)
        per_task = (tasks - least) / (SMALL[1].tasks - LEAST.tasks)
        for_changes, for_targets = (per_task * (size.tasks - LEAST.tasks) for size in SMALL[2:])
        per_change = (changes - least - for_changes) / (SMALL[2].changes - LEAST.changes)
        per_target = (targets - least - for_targets) / (SMALL[3].targets - LEAST.targets)
        rest = per_task * LEAST.tasks + per_change * LEAST.changes + per_target * LEAST.targets
        return Line(least=least - rest, per_task=per_task, per_change=per_change, per_target=per_target)

    return Model(cpu_s=line("cpu_s"), memory_mb=line("memory_mb"), journal_mb=line("journal_mb"))


def _measured(yard: Yard, size: Size) -> Need:
    each = size.tasks // size.targets
    with server(tasks=each, auto_every=each * size.targets // size.changes) as stand:
        policy = yard.policy("scale", fleet.all_manual(stand.endpoint, size.targets))
        run = yard.enforcer("apply", policy, "--yes", "--format", "json", "--concurrency", WORKERS)
        requests = len(stand.arrivals())
    if totals(run.out)["verified"] != size.changes:
        raise RuntimeError(f"not every change was verified: {totals(run.out)}")
    _tell(f"{size.tasks:,} tasks, {size.changes:,} changes, {size.targets} targets: {run.wall_s:.1f} s")
    return Need(requests=requests, cpu_s=run.cpu_s, memory_mb=run.peak_mb, journal_mb=_journal_mb(run))


def _journal_mb(run: Finished) -> float:
    return (run.state / "journal.db").stat().st_size / MIB


def _is_off(said: Need, took: Need) -> bool:
    off = ((abs(getattr(said, name) - getattr(took, name)), getattr(took, name)) for name in TOLERANCE)
    close = all(by <= share * real for (by, real), share in zip(off, TOLERANCE.values(), strict=True))
    return said.requests != took.requests or not close


def _checked(checks: Sequence[tuple[Size, Need, Need]]) -> str:
    def rows() -> Iterator[str]:
        yield "| Tasks | Changes | Targets | Requests | Processor, s | Peak memory, MiB | Journal, MiB |"
        yield "|---|---|---|---|---|---|---|"
        for size, said, took in checks:
            needs = (
                f"{number(getattr(said, name))} / {number(getattr(took, name))}"
                for name in ("requests", "cpu_s", "memory_mb", "journal_mb")
            )
            yield f"| {size.tasks:,} | {size.changes:,} | {size.targets} | {' | '.join(needs)} |"

    return "By the model / in a run:\n\n" + "\n".join(rows())


def _told(model: Model) -> str:
    def rows() -> Iterator[str]:
        times = "".join(f" Time at {rate}/s a target |" for rate in RATES)
        yield f"| Tasks | Changes | Targets | Requests | Processor | Peak memory | Journal |{times}"
        yield "|---|---|---|---|---|---|---|" + "---|" * len(RATES)
        for size in ASKED:
            need = model.need(size)
            lasts = " | ".join(_duration(model.seconds(size, rate)) for rate in RATES)
            yield (
                f"| {size.tasks:,} | {size.changes:,} | {size.targets} | {need.requests:,.0f} | {need.cpu_s:,.0f} s"
                f" | {need.memory_mb:,.0f} MiB | {need.journal_mb:,.0f} MiB | {lasts} |"
            )

    return f"By the model, with answers after {LATENCY_S * 1000:.0f} ms:\n\n" + "\n".join(rows())


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _results() -> Path:
    folder = Path("bench-results")
    folder.mkdir(exist_ok=True)
    return folder


def _tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
