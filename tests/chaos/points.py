"""Every point at which a run can be cut off or fail to write: strace counts the calls and strikes at one."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from enforcer.core.history.recovery import earlier_run
from tests.chaos.laws import check, check_at_rest, check_done, remains
from tests.chaos.life import RATE, life

WAL, DATABASE = "journal.db-wal", "journal.db"
MARK = "pwritev2"
"""How a mark beside the journal is written, and nothing else; its name, which is its run's, is not known before."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """A kind of call, on one file of the state directory or anywhere."""

    call: str
    file: str | None = None

    def __str__(self) -> str:
        return self.call if self.file is None else f"{self.call}({self.file})"


# strace counts the calls of each thread by itself, so those of each file are counted by themselves too: then the
# first sync of the log is not hidden behind that of another file by another thread.
KILLED_AT = (
    Place(call="fdatasync", file=WAL),
    Place(call="fdatasync", file=DATABASE),
    Place(call="pwrite64", file=WAL),
    Place(call="fsync"),
    Place(call="sendto"),
    Place(call="recvfrom"),
    Place(call="rename"),
    Place(call=MARK),
    Place(call="unlink"),
)
FAILING = (
    Place(call="pwrite64", file=WAL),
    Place(call="fdatasync", file=WAL),
    Place(call="pwrite64", file=DATABASE),
    Place(call="fdatasync", file=DATABASE),
    Place(call=MARK),
)
ERRORS = {MARK: ("EIO", "ENOSPC"), "pwrite64": ("ENOSPC", "EIO"), "fdatasync": ("EIO", "ENOSPC")}
ALLOWED_ENDS = frozenset({0, 3, 70, 74})


@dataclass(frozen=True, kw_only=True)
class Point:
    place: Place
    number: int
    """Which of the calls at the place, from 1."""
    error: str | None = None
    """What the call fails with; None: the process is killed at it."""
    for_ever: bool = False
    """Whether every later call fails too."""
    unlimited: bool = False
    """Whether the run has no rate, so that the next intents are on record ahead."""

    def __str__(self) -> str:
        how = "killed at" if self.error is None else f"{self.error} {'from' if self.for_ever else 'at'}"
        return f"{how} {self.place} {self.number}{' without a rate' if self.unlimited else ''}"


@dataclass(frozen=True, kw_only=True)
class Result:
    point: Point
    struck: bool
    """False: the run had fewer calls."""
    ambiguous: int
    """Changes that were open when the run was over."""
    operations: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        return "\n".join([f"FAILED {self.point}", *(f"    {sentence}" for sentence in self.wrong)])


def strike(point: Point, folder: Path, *, changes: int = 6) -> Result:
    """Run, struck at *point*, then run again, and return what is wrong with what is left."""
    with life(folder, changes=changes, rate=None if point.unlimited else RATE) as one:
        outcome = one.apply_under(
            *_options(point, one.command.state), kill_when=None if point.error else _comes_to(point)
        )
        first = remains(one)
        struck = _was_struck(point, outcome.code, folder / "trace")
        wrong = check(first)
        if point.error is not None and struck and outcome.code not in _allowed_ends(point):
            wrong.append(f"the exit code is {outcome.code}: {outcome.err[-300:]}")
        if point.error is not None and "Traceback" in outcome.err:
            wrong.append(f"a traceback: {outcome.err[-600:]}")
        if outcome.code == 0:
            wrong += check_done(first)
        after = one.finish()
        if after.code != 0:
            wrong.append(f"the next run ends with {after.code}: {after.err[-300:]}")
        last = remains(one)
        wrong += check_at_rest(last)
    ambiguous = sum(len(_open(entries)) for entries in first.runs.values())
    return Result(point=point, struck=struck, ambiguous=ambiguous, operations=len(last.intents()), wrong=tuple(wrong))


def _options(point: Point, state: Path) -> list[str]:
    place = point.place
    # A call that is about to be killed at is held up, for longer than the kill takes.
    what = "delay_enter=60000000" if point.error is None else f"error={point.error}"
    when = f"{point.number}{'+' if point.for_ever else ''}"
    where = [] if place.file is None else ["-P", str(state / place.file)]
    return [*where, "-e", f"trace={place.call}", "-e", f"inject={place.call}:{what}:when={when}"]


def _comes_to(point: Point) -> Callable[[str], bool]:
    """Return whether a trace has come to the call: some thread has made so many of them."""
    begun = re.compile(rf"^(\d+) +{point.place.call}\(", re.MULTILINE)

    def is_there(trace: str) -> bool:
        return max(Counter(begun.findall(trace)).values(), default=0) >= point.number

    return is_there


def _allowed_ends(point: Point) -> frozenset[int]:
    """Return the exit codes that are in order: a mark that cannot be written harms no run."""
    return frozenset({0}) if point.place.call == MARK else ALLOWED_ENDS


def _was_struck(point: Point, code: int, trace: Path) -> bool:
    if point.error is None:
        return code == -9
    return "(INJECTED)" in trace.read_text(encoding="utf-8", errors="replace")


def _open(entries: tuple) -> list[str]:
    return [change.task_id for change in earlier_run(entries).open_changes]


def kills(place: Place, stride: int = 1, *, unlimited: bool = False) -> Iterator[Point]:
    """Yield the points of *place* without end, each *stride*-th after the first."""
    number = 1
    while True:
        yield Point(place=place, number=number, unlimited=unlimited)
        number += stride


def failures(place: Place, stride: int = 1, *, unlimited: bool = False) -> Iterator[tuple[Point, ...]]:
    """Yield, number by number without end, the ways in which a call at *place* fails."""
    number = 1
    while True:
        yield tuple(
            Point(place=place, number=number, error=error, for_ever=for_ever, unlimited=unlimited)
            for error in ERRORS[place.call]
            for for_ever in (False, True)
        )
        number += stride
