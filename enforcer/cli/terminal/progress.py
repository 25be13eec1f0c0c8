"""How far a run is: a live line per target on a terminal, a line of the log every few seconds elsewhere."""

import asyncio
import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Any, Final, Protocol, TextIO, cast

from rich.console import Console

from enforcer.cli.terminal.headways import Targets
from enforcer.core.fold.headway import Status, text
from enforcer.core.text.visible import visible
from enforcer.model.event import Entry
from enforcer.ports import Sink

EVERY_S: Final = 5.0
"""From one line of the log to the next."""


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
        from enforcer.cli.terminal import live

        with live.columns(console) as progress:
            yield live.Live(progress)


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


class _Periodic:
    """Has the *teller* say how far each target is that is not through, every EVERY_S seconds of the event loop."""

    def __init__(self, teller: Teller, clock: Callable[[], float] = time.time) -> None:
        self._teller = teller
        self._is_paused = False
        self._clock = clock
        self._targets = Targets()
        self._next: asyncio.TimerHandle | None = None

    def pause(self) -> None:
        self._is_paused = True

    def resume(self) -> None:
        self._is_paused = False

    def take(self, entries: Sequence[Entry]) -> None:
        self._targets.take(entries)
        if self._next is None:
            self._wait()

    def close(self) -> None:
        if self._next is not None:
            self._next.cancel()

    def _wait(self) -> None:
        with contextlib.suppress(RuntimeError):  # the run ended before its loop began
            self._next = asyncio.get_running_loop().call_later(EVERY_S, self._tell)

    def _tell(self) -> None:
        now = self._clock()
        for headway in self._targets.headways.values():
            status = headway.status(now)
            if status.total != 0 and not headway.has_failed and not self._is_paused:
                self._teller.progress(now, status)
        self._wait()
