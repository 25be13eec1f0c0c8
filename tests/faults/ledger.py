"""What a fault server received: every request, noted before a byte of its answer leaves. Knows no rules."""

import os
import threading
import time
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any

import msgspec


@dataclass(slots=True, kw_only=True)
class Record:
    """One request, and what became of it; *at* and *done_at* are on the monotonic clock of the machine."""

    number: int
    at: float
    wall: float
    """Unix time of the arrival, to be compared with the journal."""
    connection: int
    kind: str
    """``list``, ``show``, ``put`` or ``other``."""
    method: str
    target: str
    headers: dict[str, str]
    """Names in lower case."""
    body: bytes = b""
    task_id: str | None = None
    authentic: bool = False
    action: str = "ok"
    applied: bool = False
    """Whether the change has happened in the store, however late."""
    status: int | None = None
    """Of an answer that left whole; None without one."""
    telling: bool = False
    """Whether the answer left whole and says without doubt whether the request was done."""
    shown: dict[str, str | None] = field(default_factory=dict)
    """The modes that a whole list page or details answer showed, by task id."""
    done_at: float | None = None
    """When the server was done with it, or noticed that the client was."""

    @property
    def took_s(self) -> float:
        """How long the server had to do with it, once it is over."""
        assert self.done_at is not None
        return self.done_at - self.at


class Ledger:
    """The records in order of arrival, readable from another thread; *path* gets them as JSON lines, synced."""

    def __init__(self, path: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._records: list[Record] = []
        self._file: IO[bytes] | None = None if path is None else path.open("ab")

    def open(self, **fields: Any) -> Record:
        """Note a request that has arrived and return its record."""
        with self._lock:
            record = Record(number=len(self._records) + 1, at=time.monotonic(), wall=time.time(), **fields)
            self._records.append(record)
        self.keep(record)
        return record

    def keep(self, record: Record) -> None:
        """Write *record* as it is now to the file, if there is one; the last line of a number counts."""
        if self._file is None:
            return
        self._file.write(msgspec.json.encode(asdict(record)) + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())

    @property
    def records(self) -> list[Record]:
        with self._lock:
            return list(self._records)


def read(path: Path) -> list[Record]:
    """Return the records of a ledger's file, also of one whose writer was killed."""
    found: dict[int, Record] = {}
    for line in path.read_bytes().splitlines(keepends=True):
        if line.endswith(b"\n"):
            record = msgspec.json.decode(line, type=Record)
            found[record.number] = record
    return list(found.values())
