"""The log: structlog, set up once by a command, and the sink that shows each event of a run in it."""

import asyncio
import contextlib
import sys
import time
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Final

import msgspec
import structlog

from enforcer.core.visible import visible, visible_json
from enforcer.errors import ConfigError
from enforcer.model import event as events
from enforcer.model.event import Entry, Event

LEVELS: Final[dict[type[Event], str]] = {
    events.ChangePlanned: "debug",
    events.RequestRetried: "warning",
    events.ThrottleGated: "warning",
    events.BreakerOpened: "error",
    events.CredentialsRefreshed: "warning",
    events.ClockSkewed: "warning",
    events.TargetFailed: "error",
    events.ChangeSkipped: "warning",
    events.PlanRefused: "error",
    events.AttemptFailed: "warning",
    events.ChangeFailed: "error",
    events.ChangeLost: "error",
    events.ChangeGone: "warning",
    events.ChangeMismatched: "error",
    events.RunStopped: "error",
    events.RunInterrupted: "warning",
    events.RunRecovered: "warning",
}
"""How loud each event is; the others are ``info``."""

_NUMBERS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}

GATHER_S: Final = 0.1
"""How long a line may be held, so that it is written together with those that follow."""


def set_up(*, level: str | None, form: str, file: str | None, colors: bool) -> "LogSink":
    """Configure structlog for this process, JSON lines or pretty ones on a terminal, and return the sink to close.

    Raises ConfigError if *file* cannot be opened for appending.
    """
    on_terminal = file is None and sys.stderr.isatty()
    pretty = form == "console" or (form == "auto" and on_terminal)
    chosen = level or ("warning" if pretty else "info")
    # A person at the terminal sees lines, questions and progress in their order.
    lines = _Lines() if on_terminal else _GatheredLines(None if file is None else _opened(file))
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *(_pretty(colors=colors and on_terminal) if pretty else _plain()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[chosen]),
        logger_factory=lambda *_: lines,
        cache_logger_on_first_use=True,
    )
    return LogSink(lines)


class LogSink:
    """Shows each event under its kind, with its fields, and with the plan's if it is about a planned change."""

    def __init__(self, lines: "_Lines") -> None:
        self._lines = lines
        self._log = structlog.get_logger()
        self._planned: dict[tuple[str, str], events.ChangePlanned] = {}

    def emit(self, entry: Entry) -> None:
        event = entry.event
        if isinstance(event, events.ChangePlanned):
            self._planned[event.target, event.task_id] = event
        fields = msgspec.to_builtins(event)
        planned = self._planned.get((fields.get("target"), fields.get("task_id")))
        if planned is not None:
            fields = _context(planned) | fields
        getattr(self._log, LEVELS.get(type(event), "info"))(
            event.kind,
            timestamp=_utc(entry.at),
            **{name: value for name, value in fields.items() if value is not None and value != []},
        )

    def close(self) -> None:
        """Write the lines that are still held, and close the log's file if it has one."""
        self._lines.close()


def _context(planned: events.ChangePlanned) -> dict[str, Any]:
    """Return what every line about a planned change has, so that it can be read without the others."""
    return {
        "target": planned.target,
        "task_id": planned.task_id,
        "task_name": planned.task_name,
        "before": planned.before,
        "desired": planned.desired,
        "rule": planned.rule,
    }


def _utc(at: float) -> str:
    seconds, thousandths = divmod(int(at * 1000), 1000)
    return f"{_second(seconds)}.{thousandths:03}Z"


@lru_cache(maxsize=2)
def _second(unix_time: int) -> str:
    """Return a time in whole seconds. Cached: many lines share a second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(unix_time))


def _plain() -> list[Any]:
    return [_json_line]


def _json_line(_logger: Any, _method: str, line: dict[str, Any]) -> str:
    """Render *line* with what every line has in front, so that a person can read it too."""
    head = {"timestamp": line["timestamp"], "level": line["level"], "event": line["event"]}
    return visible_json(msgspec.json.encode(head | line).decode())


def _pretty(*, colors: bool) -> list[Any]:
    return [_harmless, structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=18)]


def _harmless(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    """Make text from outside safe for a terminal; JSON needs no such thing, since it escapes."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in line.items()}


def _opened(path: str) -> IO[str]:
    try:
        return Path(path).open("a", encoding="utf-8")
    except OSError as wrong:
        raise ConfigError(
            f"the log file {path} cannot be opened: {wrong.strerror}", hint="Choose another place with --log-file."
        ) from wrong


class _Lines:
    """Writes each line to *file* or stderr; a log that cannot be written does not end a run."""

    def __init__(self, file: IO[str] | None = None) -> None:
        self._file = file
        self._held: list[str] = []

    def msg(self, line: str) -> None:
        self._held.append(line)
        self._write_in_time()

    debug = info = warning = error = critical = msg

    def close(self) -> None:
        self._write()
        if self._file is not None:
            with contextlib.suppress(OSError):
                self._file.close()

    def _write_in_time(self) -> None:
        self._write()

    def _write(self) -> None:
        if not self._held:
            return
        text = "\n".join((*self._held, ""))
        self._held.clear()
        # stderr is looked up each time: while a progress display is up, it stands in for sys.stderr.
        stream = self._file or sys.stderr
        with contextlib.suppress(OSError, ValueError):
            stream.write(text)
            stream.flush()


class _GatheredLines(_Lines):
    """Holds the lines of an event loop for GATHER_S at most: a write for each would cost as much as its making."""

    def _write_in_time(self) -> None:
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._write()
            return
        if len(self._held) == 1:
            loop.call_later(GATHER_S, self._write)
