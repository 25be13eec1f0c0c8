"""A live line per target on a terminal, and nothing elsewhere: there the log tells."""

import contextlib
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any, Protocol, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from enforcer.core.visible import visible
from enforcer.model.event import (
    AttemptFailed,
    BakeStarted,
    ChangeAcked,
    ChangeAttempted,
    ChangeFailed,
    ChangeGone,
    ChangeLost,
    Entry,
    InventoryListed,
    PlanBuilt,
    RunStarted,
    RunStopped,
    TargetFailed,
    WaveJudged,
    WaveStarted,
)
from enforcer.ports import Sink


class Display(Sink, Protocol):
    """A progress display that can be put away, so that somebody can be asked something."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


@contextmanager
def display(*, colors: bool) -> Iterator[Display]:
    """Show progress on stderr while inside, if that is a terminal that can redraw a line."""
    console = Console(file=cast("IO[str]", _MayGoAway(sys.stderr)), no_color=not colors)
    if not console.is_terminal or console.is_dumb_terminal:
        yield _Nothing()
        return
    progress = Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        _Note(),
        console=console,
        transient=True,
    )
    with progress:
        yield _Live(progress)


class _Note(ProgressColumn):
    """What a target is at, with a countdown while a wave is watched and the time that is left while changes go out."""

    def render(self, task: Task) -> Text:
        note, until = task.fields["note"], task.fields["until"]
        if until is not None:
            return Text(f"{note} {_minutes(max(0.0, until - time.monotonic()))}")
        left = task.time_remaining
        return Text(note if left is None or task.finished else f"{note}  about {_minutes(left)} left")


def _minutes(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02}"


class _MayGoAway:
    """A terminal that somebody may close meanwhile; what it cannot show any more is no reason to end a run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        with contextlib.suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        with contextlib.suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


class _Nothing:
    def emit(self, entry: Entry) -> None:
        """Nobody is looking."""

    def pause(self) -> None:
        """Nothing is shown."""

    def resume(self) -> None:
        """Nothing is shown."""


class _Live:
    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._bars: dict[str, _Bar] = {}

    def pause(self) -> None:
        self._progress.stop()

    def resume(self) -> None:
        self._progress.start()

    def emit(self, entry: Entry) -> None:
        match entry.event:
            case RunStarted(targets=targets):
                for target in targets:
                    self._bars[target.name] = _Bar(self._progress, target.name, target.rate)
            case RunStopped():
                for bar in self._bars.values():
                    bar.say("stopping: finishing what is in flight")
            case InventoryListed() | PlanBuilt() | TargetFailed() as told:
                self._bars[told.target].stage(told)
            case WaveStarted() | BakeStarted() | WaveJudged() as told:
                self._bars[told.target].wave(told)
            case (
                ChangeAttempted()
                | ChangeAcked()
                | ChangeFailed()
                | ChangeLost()
                | ChangeGone()
                | AttemptFailed() as told
            ):
                self._bars[told.target].change(told, entry.at)
            case _:
                pass


class _Bar:
    """One target's line."""

    def __init__(self, progress: Progress, name: str, rate: str) -> None:
        self._progress = progress
        self._rate = rate
        self._line: TaskID = progress.add_task(visible(name, 40), total=None, note="listing tasks", until=None)
        self._failed = 0
        self._wave = ""
        self._started: list[float] = []

    def say(self, note: str) -> None:
        self._progress.update(self._line, note=note, until=None)

    def wave(self, told: WaveStarted | BakeStarted | WaveJudged) -> None:
        self._wave = f"wave {told.wave} of {told.waves}"
        match told:
            case WaveStarted():
                self.say(self._wave)
            case BakeStarted(bake_s=bake_s):
                until = time.monotonic() + bake_s
                self._progress.update(self._line, note=f"{self._wave}: watching", until=until)
            case WaveJudged(passed=passed):
                self.say(f"{self._wave}: {'well' if passed else 'failed'}")

    def stage(self, told: InventoryListed | PlanBuilt | TargetFailed) -> None:
        match told:
            case InventoryListed(read_back=True):
                pass
            case InventoryListed(tasks=tasks):
                self.say(f"{tasks} tasks listed")
            case PlanBuilt(planned=planned, left=_):
                self._progress.update(self._line, total=max(planned, 1), completed=0 if planned else 1)
                self.say(f"{planned} to change" if planned else "nothing to change")
            case TargetFailed(message=message):
                self.say(visible(message, 60))

    def change(
        self,
        told: ChangeAttempted | ChangeAcked | ChangeFailed | ChangeLost | ChangeGone | AttemptFailed,
        at: float,
    ) -> None:
        if isinstance(told, ChangeAttempted):
            self._started.append(at)
            return
        if isinstance(told, AttemptFailed):
            self.say(f"attempt {told.attempt} failed, again in {told.wait_s:.1f} s")
            return
        self._failed += isinstance(told, ChangeFailed | ChangeLost)
        self._progress.advance(self._line)
        place = f"  {self._wave}" if self._wave else ""
        self.say(f"{self._speed(at):.1f}/s of {self._rate}{place}  {self._failed} failed")

    def _speed(self, now: float) -> float:
        """Starts per second over the last ten seconds."""
        self._started = [at for at in self._started if at > now - 10]
        span = now - self._started[0] if self._started else 0
        return (len(self._started) - 1) / span if span > 0 else 0.0
