"""Values as JSON text: indented, whole, and harmless on a terminal."""

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from enforcer.core.text.visible import visible_json

_TOGETHER: Final = 200
"""Members of a long list that are written at once."""


def json_text(value: Any) -> str:
    """Return *value* as JSON, with one newline at its end; what could act on a terminal is escaped the JSON way."""
    return _encoded(value, "\n") + "\n"


def json_pieces(value: Any, *, depth: int) -> Iterator[str]:
    """Yield `json_text` of *value* piece by piece.

    Structs and tuples are taken apart down to *depth*; there, a long tuple is still written in parts.
    """
    yield from _pieces(value, depth, "\n")
    yield "\n"


def _pieces(value: Any, depth: int, end: str) -> Iterator[str]:
    """Yield *value* as JSON; *end* is what ends a line, with the indentation of the next."""
    if depth and isinstance(value, msgspec.Struct):
        members = ((f'"{name}": ', getattr(value, name)) for name in value.__struct_fields__)
        yield from _inside("{}", members, depth, end)
    elif depth and isinstance(value, tuple) and value:
        yield from _inside("[]", (("", each) for each in value), depth, end)
    elif isinstance(value, tuple) and len(value) > _TOGETHER:
        before = "["
        for first in range(0, len(value), _TOGETHER):
            yield before + _encoded(value[first : first + _TOGETHER], end)[1 : -len(end) - 1]
            before = ","
        yield f"{end}]"
    else:
        yield _encoded(value, end)


def _inside(brackets: str, members: Iterator[tuple[str, Any]], depth: int, end: str) -> Iterator[str]:
    before = brackets[0]
    for name, value in members:
        yield f"{before}{end}  {name}"
        yield from _pieces(value, depth - 1, f"{end}  ")
        before = ","
    yield end + brackets[1]


def _encoded(value: Any, end: str) -> str:
    try:
        data = msgspec.json.encode(value)
    except UnicodeEncodeError:
        # A file name that is no UTF-8 reaches Python with lone surrogates, which no JSON reader accepts.
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(value)))
    return visible_json(msgspec.json.format(data, indent=2).decode()).replace("\n", end)


def _encodable(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {key: _encodable(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_encodable(part) for part in value]
    return value
