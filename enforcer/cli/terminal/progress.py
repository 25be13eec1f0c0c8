"""How far a run is: a live line per target on a terminal, a line of the log every few seconds elsewhere."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO, Any, Final, Protocol, TextIO, cast

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID
from rich.table import Column
from rich.text import Text

from enforcer.core.fold.headway import Headway, Status, text
from enforcer.core.text.visible import visible
from enforcer.model.event import Entry, RunFinished, RunStarted, RunStopped, TargetFailed
from enforcer.ports import Sink

EVERY_S: Final = 5.0
"""From one line of the log to the next."""
_WITH_BAR: Final = 90
"""Columns of a terminal from which there is room for a bar."""


class Display(Sink, Protocol):
    """A progress display that can be put away, so that somebody can be asked something."""

    def pause(self) -> None: ...

    def resume(self) -> None: ...


class Teller(Protocol):
    """What can say how far a target is."""

    def progress(self, at: float, status: Status) -> None: ...


class Log(Sink, Teller, Protocol):
    """A log that can say so too."""

    is_for_people: bool
    """Whether a person reads it on the terminal on which the command speaks to them, so that once is enough."""


@contextmanager
def display(log: Log, *, colors: bool) -> Iterator[Display]:
    """Show progress while inside: on stderr if that is a terminal, in *log* if it is none.

    A terminal that cannot redraw a line gets one every few seconds.
    """
    console = Console(file=cast("IO[str]", _MayGoAway(sys.stderr)), no_color=not colors)
    if not console.is_terminal:
        periodic = _Periodic(log)
        try:
            yield periodic
        finally:
            periodic.close()
    elif console.is_dumb_terminal:
        spoken = _Periodic(_Lines(console))
        try:
            yield spoken
        finally:
            spoken.close()
    else:
        with _columns(console) as progress:
            yield _Live(progress)


def _columns(console: Console) -> Progress:
    return Progress(
        _Name(),
        _Bar(console),
        MofNCompleteColumn(table_column=Column(no_wrap=True)),
        _Note(),
        console=console,
        transient=True,
    )


class _Bar(BarColumn):
    """A bar where there is room for one; the terminal may change its size at any time."""

    def __init__(self, console: Console) -> None:
        super().__init__(bar_width=30)
        self._console = console

    def render(self, task: Task) -> Any:
        return super().render(task) if self._console.width >= _WITH_BAR else Text("")


class _Name(ProgressColumn):
    """Which target it is about."""

    def render(self, task: Task) -> Text:
        return _cut_if_need_be(task.description)


class _Note(ProgressColumn):
    """What a target is at, as of now."""

    def render(self, task: Task) -> Text:
        headway: Headway = task.fields["headway"]
        return _cut_if_need_be(text(headway.status(time.time())))


def _cut_if_need_be(said: str) -> Text:
    """Return what gives way, the longest first, where a line is too long; the numbers of changes do not."""
    return Text(said, no_wrap=True, overflow="ellipsis")


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


class _Lines:
    """A terminal that can only go on with the next line."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def progress(self, _at: float, status: Status) -> None:
        total = "" if status.total is None else f"{status.done}/{status.total}  "
        said = f"{visible(status.target, 40)}  {total}{text(status)}"
        self._console.print(said, markup=False, highlight=False, soft_wrap=True)


class _Targets:
    """How far each target of a run is."""

    def __init__(self) -> None:
        self.headways: dict[str, Headway] = {}

    def take(self, entry: Entry) -> Headway | None:
        """Take note of *entry*, and return the target that it is about; None if it is about none or about all."""
        match entry.event:
            case RunStarted(targets=targets):
                self.headways = {ref.name: Headway(ref=ref) for ref in targets}
            case RunStopped(target=target):
                for name, each in self.headways.items():
                    if target in {None, name}:
                        each.stop()
        headway = self.headways.get(getattr(entry.event, "target", None) or "")
        if headway is not None:
            headway.take(entry.event, entry.at)
        return headway


class _Live:
    """A line per target that is drawn again as things happen and time goes on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._targets = _Targets()
        self._lines: dict[str, TaskID] = {}

    def pause(self) -> None:
        self._progress.stop()

    def resume(self) -> None:
        self._progress.start()

    def emit(self, entry: Entry) -> None:
        headway = self._targets.take(entry)
        if isinstance(entry.event, RunStarted):
            for name, each in self._targets.headways.items():
                self._lines[name] = self._progress.add_task(visible(name, 40), total=None, headway=each)
        if headway is not None:
            status = headway.status(entry.at)
            # Of nothing to do, all is done; None would be drawn as something that goes on.
            done, total = (status.done, status.total) if status.total != 0 else (1, 1)
            self._progress.update(self._lines[headway.ref.name], total=total, completed=done)


class _Periodic:
    """Has the *teller* say how far each target is that is not through, every EVERY_S seconds of the event loop."""

    def __init__(self, teller: Teller, clock: Callable[[], float] = time.time) -> None:
        self._teller = teller
        self._is_paused = False
        self._clock = clock
        self._targets = _Targets()
        self._failed: set[str] = set()
        self._next: asyncio.TimerHandle | None = None

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False

    def emit(self, entry: Entry) -> None:
        self._targets.take(entry)
        if isinstance(entry.event, TargetFailed):
            self._failed.add(entry.event.target)
        elif isinstance(entry.event, RunStarted):
            self._wait()
        elif isinstance(entry.event, RunFinished):
            self.close()

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _wait(self) -> None:
        with contextlib.suppress(RuntimeError):  # the run ended before its loop began
            self._next = asyncio.get_running_loop().call_later(EVERY_S, self._tell)

    def _tell(self) -> None:
        now = self._clock()
        for name, headway in self._targets.headways.items():
            status = headway.status(now)
            if status.total != 0 and name not in self._failed and not self._is_paused:
                self._teller.progress(now, status)
        self._wait()
