"""The report for machines: the contract of docs/report.md and docs/report.schema.json, field for field.

Data stays whole: what could act on a terminal is escaped the JSON way and reads back as it was.
"""

from typing import Any

import msgspec

from enforcer.core.visible import visible_json
from enforcer.model.report import Report


def render(report: Report) -> str:
    try:
        data = msgspec.json.encode(report)
    except UnicodeEncodeError:
        # A file name that is no UTF-8 reaches Python with lone surrogates, which no JSON reader accepts.
        data = msgspec.json.encode(_encodable(msgspec.to_builtins(report)))
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
