"""A line per target on a terminal that can draw it again."""

import time
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID
from rich.table import Column
from rich.text import Text

from enforcer.cli.terminal.headways import Targets
from enforcer.core.fold.headway import Headway, text
from enforcer.core.text.visible import visible
from enforcer.model.event import Entry

_WITH_BAR: Final = 90
"""Columns of a terminal from which there is room for a bar."""


class Live:
    """The lines of *progress*, drawn again as things happen and time goes on."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._targets = Targets()
        self._lines: dict[str, TaskID] = {}

    def pause(self) -> None:
        self._progress.stop()

    def resume(self) -> None:
        self._progress.start()

    def take(self, entries: Sequence[Entry]) -> None:
        self._targets.take(entries)
        for name, headway in self._targets.headways.items():
            if name not in self._lines:
                self._lines[name] = self._progress.add_task(visible(name, 40), total=None, headway=headway)
            status = headway.status(entries[-1].at)
            # Of nothing to do, all is done; None would be drawn as something that goes on.
            done, total = (status.done, status.total) if status.total != 0 else (1, 1)
            self._progress.update(self._lines[name], total=total, completed=done)


def columns(console: Console) -> Progress:
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
