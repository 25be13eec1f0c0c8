"""A line of the log: the fields that it has, and how they are written, as JSON or for a person at a terminal.

Knows nothing of where lines go, and when.
"""

import time
from collections.abc import MutableMapping, Sequence
from functools import lru_cache
from typing import Any, Final

import msgspec
import structlog
from structlog.typing import Processor

from enforcer.core.text.visible import visible, visible_json
from enforcer.model import event as events

_LONGEST: Final = 500
"""Characters of one field. Names come from outside and may have a million; a line should fit into 16 kB, escaped."""


def for_people(*, colors: bool) -> Sequence[Processor]:
    """Return what makes pretty lines."""
    return (_fields, _harmless, structlog.dev.ConsoleRenderer(colors=colors, pad_event_to=18))


def for_programs() -> Sequence[Processor]:
    """Return what makes lines of JSON."""
    return (_fields, _as_json)


def _fields(_logger: Any, level: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """Put the fields of what is told into *line*, after what every line has in front, so that a person can read it."""
    at, facts, planned = line.pop("at"), line.pop("facts"), line.pop("planned")
    head = {"timestamp": _utc(at), "level": level, "event": line.pop("event"), **line}
    context = {} if planned is None else _context(planned)
    told = {**head, **context, **msgspec.to_builtins(facts)}
    for name in [name for name, value in told.items() if value is None]:
        del told[name]
    return told


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


def _cut(value: Any) -> Any:
    """Return the beginning of *value* if it is a long text. The journal has it whole."""
    return f"{value[: _LONGEST - 1]}…" if isinstance(value, str) and len(value) > _LONGEST else value


def _utc(at: float) -> str:
    seconds, thousandths = divmod(int(at * 1000), 1000)
    return f"{_second(seconds)}.{thousandths:03}Z"


@lru_cache(maxsize=2)
def _second(unix_time: int) -> str:
    """Return a time in whole seconds. Cached: many lines share a second."""
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(unix_time))


def _as_json(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> str:
    text = msgspec.json.encode(line)
    if len(text) > _LONGEST:  # else none of its fields can be too long
        text = msgspec.json.encode({name: _cut(value) for name, value in line.items()})
    return visible_json(text.decode())


def _harmless(_logger: Any, _method: str, line: MutableMapping[str, Any]) -> dict[str, Any]:
    """Make text from outside safe for a terminal; JSON needs no such thing, since it escapes."""
    return {name: visible(value) if isinstance(value, str) else value for name, value in line.items()}
