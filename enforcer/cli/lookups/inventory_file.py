"""An inventory as a file: what `enforcer tasks -o FILE` writes, and commands that take --inventory read."""

from pathlib import Path
from typing import Final, Literal

import msgspec
from msgspec import Struct

from enforcer.cli import documents
from enforcer.cli.lookups.listing import Listed
from enforcer.errors import DataError, JournalError
from enforcer.journal.files import write_whole
from enforcer.model.event import TargetRef
from enforcer.model.task import Inventory

FORMAT: Final = "enforcer.inventory/1"
_MAX_BYTES: Final = 256 << 20
"""About 200,000 tasks of a kilobyte each."""


class _Document(Struct, frozen=True, kw_only=True):
    format: Literal["enforcer.inventory/1"] = "enforcer.inventory/1"
    taken_at: str
    """RFC 3339, UTC."""
    targets: tuple[TargetRef, ...]
    inventories: tuple[Inventory, ...]


def document(listed: Listed, taken_at: str) -> str:
    """Return *listed*, as it was at the time *taken_at*, as a JSON document."""
    whole = _Document(taken_at=taken_at, targets=listed.targets, inventories=listed.inventories)
    return msgspec.json.format(msgspec.json.encode(whole), indent=1).decode()


def write(path: Path, text: str) -> None:
    """Write *text* to *path*, whole or not at all; raise JournalError if it cannot be written."""
    try:
        write_whole(path, [text])
    except OSError as wrong:
        raise JournalError(f"{path} cannot be written: {wrong.strerror}", hint="Choose another place.") from wrong


def read(path: str) -> Listed:
    """Return what is in the file *path*; raise DataError if it is no such document."""
    try:
        with Path(path).open("rb") as opened:
            data = opened.read(_MAX_BYTES + 1)
    except OSError as wrong:
        raise DataError(
            f"the inventory {path} cannot be read: {wrong.strerror}", hint="Write one: enforcer tasks -o FILE"
        ) from None
    found = documents.parsed(
        data, _Document, name=f"the inventory {path}", writer="enforcer tasks -o FILE", most_bytes=_MAX_BYTES
    )
    return Listed(inventories=found.inventories, targets=found.targets)
