"""A saved plan as a file: JSON that a person can read, with a digest that tells an edit from a plan as it was made.

The digest keeps mistakes out, not people who mean harm: whoever can write the file can make a new one.
"""

import hashlib
import os
from collections.abc import Iterable
from datetime import tzinfo
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from enforcer.core.planning.validity import checked
from enforcer.core.text.visible import visible, visible_json
from enforcer.errors import DataError, RefusedError
from enforcer.model.override import Override
from enforcer.model.savedplan import FORMAT, SavedPlan

MAX_BYTES: Final = 64 * 1024 * 1024

_NO_PLAN: Final = f"expected the JSON object, of the format {FORMAT}, that `enforcer plan POLICY -o FILE.json` writes"


def written(plan: SavedPlan) -> str:
    """Return the text of *plan*; it ends with a newline. Raises DataError if a name in it is no Unicode text."""
    facts = msgspec.to_builtins(plan, order="deterministic", enc_hook=_zone_name)
    # As a reader will have it: what JSON makes of a value counts, not what it was made of.
    try:
        content = msgspec.json.decode(msgspec.json.encode({"format": FORMAT, **facts}))
    except UnicodeEncodeError:
        raise DataError("the plan cannot be saved: a path or a name in it is no Unicode text") from None
    data = msgspec.json.encode({**content, "sha256": _digest(content)})
    lines = msgspec.json.format(data, indent=2).decode().split("\n")
    return "\n".join(map(visible_json, lines)) + "\n"


def read(path: str) -> SavedPlan:
    """Return the plan in the file *path*.

    Raises DataError if there is no such plan, and RefusedError if it was changed after it was made.
    """
    shown = visible(path, 1000)
    content = _document(path, shown)
    if content.get("format") != FORMAT:
        raise DataError(f"{shown}: no saved plan; {_NO_PLAN}")
    said = content.pop("sha256", None)
    if said != _digest(content):
        raise RefusedError(
            f"{shown} was edited or damaged after it was made: its sha256 does not fit. Nothing was sent.",
            hint="Make a new plan; to take a part of one, use --only.",
        )
    content.pop("format")
    try:
        return checked(msgspec.convert(content, SavedPlan, strict=True, dec_hook=_zone))
    except (msgspec.ValidationError, ValueError) as wrong:
        raise DataError(f"{shown}: {visible(str(wrong), 300)}; {_NO_PLAN}") from None


def _document(path: str, shown: str) -> dict[str, Any]:
    try:
        with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
            data = file.read(MAX_BYTES + 1) if Path(path).is_file() else None
    except (OSError, ValueError) as wrong:
        raise DataError(f"{shown} cannot be read: {getattr(wrong, 'strerror', None) or wrong}") from None
    if data is None or len(data) > MAX_BYTES:
        raise DataError(f"{shown}: no regular file of at most {MAX_BYTES} bytes; {_NO_PLAN}")
    try:
        content = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
        raise DataError(f"{shown}: no JSON ({visible(str(wrong), 300)}); {_NO_PLAN}") from None
    if not isinstance(content, dict):
        raise DataError(f"{shown}: JSON that is no object; {_NO_PLAN}")
    return content


def overrides_digest(overrides: Iterable[Override]) -> str:
    """Return one digest of *overrides*, whatever their order."""
    texts = sorted(msgspec.json.encode(each, order="sorted") for each in overrides)
    return hashlib.sha256(b"\n".join(texts)).hexdigest()


def _zone_name(value: Any) -> str:
    if isinstance(value, tzinfo):
        return str(value)
    raise NotImplementedError(type(value))


def _zone(wanted: type, value: Any) -> tzinfo:
    """Return the time zone of that name; it is the one kind of value that JSON has no form for."""
    if wanted is not tzinfo or not isinstance(value, str):
        raise ValueError("a value of no known kind")
    try:
        return ZoneInfo(value)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        raise ValueError(f"unknown time zone {value[:64]!r}") from None


def _digest(content: dict[str, Any]) -> str:
    return hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest()
