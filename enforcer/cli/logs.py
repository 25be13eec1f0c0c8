"""The log: structlog, set up once by a command, and the sink that shows each event of a run in it."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
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
    events.TargetFailed: "error",
    events.ChangeSkipped: "warning",
    events.PlanRefused: "error",
    events.AttemptFailed: "warning",
    events.ChangeFailed: "error",
    events.ChangeLost: "error",
    events.ChangeGone: "warning",
    events.ChangeMismatched: "error",
    events.RunStopped: "error",
}
"""How loud each event is; the others are ``info``."""

_NUMBERS: Final = {"debug": 10, "info": 20, "warning": 30, "error": 40}


def set_up(*, level: str | None, form: str, file: str | None, colors: bool) -> None:
    """Configure structlog for this process: JSON lines, or pretty ones on a terminal.

    Raises ConfigError if *file* cannot be opened for appending.
    """
    on_terminal = file is None and sys.stderr.isatty()
    pretty = form == "console" or (form == "auto" and on_terminal)
    chosen = level or ("warning" if pretty else "info")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            *(_pretty(colors=colors and on_terminal) if pretty else _plain()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_NUMBERS[chosen]),
        logger_factory=lambda *_: _Lines(_stderr if file is None else _opened(file)),
        cache_logger_on_first_use=True,
    )


class LogSink:
    """Shows each event under its kind, with its fields."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()

    def emit(self, entry: Entry) -> None:
        fields = msgspec.to_builtins(entry.event)
        level = LEVELS.get(type(entry.event), "info")
        getattr(self._log, level)(
            entry.event.kind,
            timestamp=_utc(entry.at),
            **{name: value for name, value in fields.items() if value is not None and value != []},
        )


def _utc(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _plain() -> list[Any]:
    return [_json_line]


def _json_line(_logger: Any, _method: str, line: dict[str, Any]) -> str:
    """Render *line* with what every line has in front, so that a person can read it too."""
    head = {name: line.pop(name) for name in ("timestamp", "level", "event") if name in line}
    whole = head | {name: value for name, value in line.items() if value is not None}
    return visible_json(msgspec.json.encode(whole).decode())


def _pretty(*, colors: bool) -> list[Any]:
    return [_harmless, structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=18)]


def _harmless(_logger: Any, _method: str, line: dict[str, Any]) -> dict[str, Any]:
    """Make text from outside safe for a terminal; JSON needs no such thing, since it escapes."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in line.items()}


def _stderr() -> IO[str]:
    # Looked up for each line: while a progress display is up, it stands in for sys.stderr.
    return sys.stderr


def _opened(path: str) -> Callable[[], IO[str]]:
    try:
        file = Path(path).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115 - open for the life of the process
    except OSError as wrong:
        raise ConfigError(
            f"the log file {path} cannot be opened: {wrong.strerror}", hint="Choose another place with --log-file."
        ) from wrong
    return lambda: file


class _Lines:
    """Writes each line to what *stream* returns; a log that cannot be written does not end a run."""

    def __init__(self, stream: Callable[[], IO[str]]) -> None:
        self._stream = stream

    def msg(self, line: str) -> None:
        try:
            stream = self._stream()
            stream.write(line + "\n")
            stream.flush()
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = msg
