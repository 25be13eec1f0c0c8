"""The log: structlog, set up once by a command, and the sink that shows each event of a run in it."""

import contextlib
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Final

import structlog

from enforcer.cli.terminal import rendering
from enforcer.core.fold.headway import Status
from enforcer.errors import ConfigError
from enforcer.model import event as events
from enforcer.model.event import Entry, Event

LEVELS: Final[dict[type[Event], str]] = {
    events.ChangePlanned: "debug",
    events.ChangeRated: "debug",
    events.ChangeRecalled: "warning",
    events.ChangeAttempted: "debug",  # its answer has a line, and the journal has the intent
    events.RequestRetried: "warning",
    events.ThrottleGated: "warning",
    events.BreakerOpened: "error",
    events.CredentialsRefreshed: "warning",
    events.ClockSkewed: "warning",
    events.TargetFailed: "error",
    events.ChangeSkipped: "warning",
    events.ChangeDeferred: "warning",
    events.ChangeContested: "error",
    events.ChangeFlagged: "warning",
    events.GlassBroken: "warning",
    events.InventoryAccepted: "warning",
    events.HistoryUnread: "error",
    events.ChangeWithheld: "warning",
    events.PlanContradicted: "warning",
    events.SelectionUnmatched: "warning",
    events.PlanRefused: "error",
    events.OverridesConflicted: "warning",
    events.AttemptFailed: "warning",
    events.ChangeFailed: "error",
    events.ChangeLost: "error",
    events.ChangeGone: "warning",
    events.ChangeMismatched: "error",
    events.RunStopped: "error",
    events.PruningFailed: "warning",
    events.NotificationFailed: "warning",
    events.MetricsLost: "warning",
    events.RunInterrupted: "warning",
    events.RunRecovered: "warning",
}
"""How loud each event is; the others are ``info``."""

_NUMBERS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def set_up(*, level: str | None, form: str, file: str | None, colors: bool) -> "LogSink":
    """Configure structlog for this process, JSON lines or pretty ones on a terminal, and return the sink to close.

    Raises ConfigError if *file* cannot be opened for appending.
    """
    on_terminal = file is None and sys.stderr.isatty()
    pretty = form == "console" or (form == "auto" and on_terminal)
    chosen = level or ("warning" if pretty else "info")
    lines = _Lines(None if file is None else _opened(file))
    structlog.configure(
        processors=rendering.for_people(colors=colors and on_terminal) if pretty else rendering.for_programs(),
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[chosen]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    return LogSink(lines, level=chosen, is_for_people=on_terminal and pretty)


class LogSink:
    """Shows each event under its kind, with its fields, the run's id, and what was planned if it is about a change.

    Those below *level* are passed over.
    """

    def __init__(self, lines: "_Lines", *, level: str, is_for_people: bool) -> None:
        self.is_for_people = is_for_people
        self._lines = lines
        self._quiet = frozenset(kind for kind, loudness in LEVELS.items() if _NUMBERS[loudness] < _NUMBERS[level])
        self._log: structlog.typing.FilteringBoundLogger = structlog.get_logger()
        self._planned: defaultdict[str, dict[str, events.ChangePlanned]] = defaultdict(dict)
        """What is planned, by target and task."""

    def take(self, entries: Sequence[Entry]) -> None:
        for entry in entries:
            if self._is_told(entry.event):
                self._tell(entry)
        self._lines.write()

    def progress(self, at: float, status: Status) -> None:
        """Say how far a target is at *at*, Unix time. It is no event, and no journal has it."""
        self._log.info("progress", at=at, facts=status, planned=None)
        self._lines.write()

    def close(self) -> None:
        """Write what is still held, and close the log's file if it has one."""
        self._lines.close()

    def _is_told(self, event: Event) -> bool:
        """Keep what lines to come need of *event*, and return whether it has one itself."""
        if type(event) is events.ChangePlanned:
            self._planned[event.target][event.task_id] = event
        elif type(event) is events.RunStarted:
            self._log = self._log.bind(run_id=event.run_id)
        return type(event) not in self._quiet

    def _tell(self, entry: Entry) -> None:
        event = entry.event
        planned = self._planned[getattr(event, "target", None) or ""].get(getattr(event, "task_id", None) or "")
        getattr(self._log, LEVELS.get(type(event), "info"))(event.kind, at=entry.at, facts=event, planned=planned)


def _opened(path: str) -> IO[str]:
    try:
        return Path(path).open("a", encoding="utf-8")
    except OSError as wrong:
        raise ConfigError(
            f"the log file {path} cannot be opened: {wrong.strerror}", hint="Choose another place with --log-file."
        ) from wrong


class _Lines:
    """What structlog logs to: it keeps lines for *file* or stderr, and writes them when told to."""

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file
        self._lines: list[str] = []

    def msg(self, line: str) -> None:
        self._lines.append(line)

    debug = info = warning = error = critical = msg

    def write(self) -> None:
        """Write the lines in their order; a log that cannot be written does not end a run."""
        if not self._lines:
            return
        text = "\n".join((*self._lines, ""))
        self._lines.clear()
        # stderr is looked up each time: while a progress display is up, it stands in for sys.stderr.
        stream = self._file or sys.stderr
        with contextlib.suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()

    def close(self) -> None:
        self.write()
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()
