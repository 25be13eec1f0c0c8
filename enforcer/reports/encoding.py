"""Values as JSON text: indented, whole, and harmless on a terminal."""

from typing import Any

import msgspec

from enforcer.core.text.visible import visible_json


def json_text(value: Any) -> str:
    """Return *value* as JSON, with one newline at its end; what could act on a terminal is escaped the JSON way."""
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        # A file name that is no UTF-8 reaches Python with lone surrogates, which no JSON reader accepts.
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(value)))
    lines = msgspec.json.format(data, indent=2).decode().split("\n")
    return "\n".join(map(visible_json, lines)) + "\n"


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _encodable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(part) for part in value]
    return value
