"""Overrides as a file, for state directories that are not shared."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from enforcer.cli import documents
from enforcer.core.overrides import ledger
from enforcer.core.patterns import pattern
from enforcer.errors import DataError, UsageError
from enforcer.model.override import Override

FORMAT: Final = "enforcer.overrides/1"
_MAX_BYTES: Final = 8 << 20


class _Document(Struct, frozen=True, kw_only=True):
    format: Literal["enforcer.overrides/1"] = "enforcer.overrides/1"
    overrides: tuple[Override, ...]


def document(overrides: Sequence[Override]) -> str:
    """Return *overrides* as a JSON document."""
    return msgspec.json.format(msgspec.json.encode(_Document(overrides=tuple(overrides))), indent=2).decode()


def read(file: Path) -> tuple[Override, ...]:
    """Return the overrides in *file*, ``-`` for standard input; raise DataError if it is no such document."""
    try:
        data = sys.stdin.buffer.read(_MAX_BYTES + 1) if str(file) == "-" else _first_bytes(file)
    except OSError as wrong:
        raise DataError(f"{file} cannot be read: {wrong.strerror}") from None
    found = documents.parsed(data, _Document, name=str(file), writer="enforcer override export", most_bytes=_MAX_BYTES)
    for each in found.overrides:
        _check(each, file)
    return found.overrides


def _first_bytes(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(_MAX_BYTES + 1)


def _check(override: Override, file: Path) -> None:
    wrong = _wrong(override)
    if wrong is not None:
        raise DataError(f"{file}: {wrong}")


def _wrong(override: Override) -> str | None:
    """Return what is wrong with *override*, which may say anything that has the right types."""
    times = (override.created, override.expires, override.ended_at)
    if not override.patterns:
        return f"override {override.id} names no task; expected at least one pattern"
    if any(time is not None and time.tzinfo is None for time in times):
        return f"override {override.id} has a time without a zone; expected one like 2030-12-31T00:00:00Z"
    try:
        for text in override.patterns:
            pattern.parse(text)
        ledger.check(override, longest_s=float("inf"))
    except ValueError as wrong:
        return str(wrong)
    except UsageError as wrong:
        return wrong.message
    return None
