"""A journal with a byte turned over or its end cut off: it opens with everything, or it is refused.

The log beside the file is another matter. There is one only while a run is under way or after one died; SQLite reads
it up to the first frame that is not sound, so that damage to it looks like a power cut at that moment: records end
earlier, and none is other than it was. What was on record is vouched for by marks, so that this is told.
"""

import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from enforcer.errors import JournalError
from enforcer.journal import history, reader, register
from enforcer.journal.sqlite import file
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.model.event import Entry

Known = dict[str, tuple[Entry, ...]]


@dataclass(frozen=True, kw_only=True)
class Damage:
    file: str
    at: int
    """The byte, from 0."""
    cut: bool
    """Whether the file ends there; otherwise every bit of the byte is turned over."""

    def __str__(self) -> str:
        return f"{self.file} {'cut at' if self.cut else 'flipped at'} {self.at}"


def damages(state: Path, number: int, seed: int) -> Iterator[Damage]:
    """Yield *number* of them, spread over the files of the journal by their size, the same for a seed."""
    dice = random.Random(seed)
    files = {path.name: path.stat().st_size for path in state.glob("journal.db*") if path.stat().st_size}
    files.pop("journal.db-shm", None)  # SQLite builds it anew
    for turn in range(number):
        name = dice.choices(list(files), list(files.values()))[0]
        yield Damage(file=name, at=dice.randrange(files[name]), cut=turn % 4 == 0)


def known(state: Path) -> Known:
    """Return every run and all its entries."""
    return {
        row.run_id: tuple(reader.events(SqliteStore(state), row.run_id))
        for row in register.listed(SqliteStore(state), limit=1000)
    }


def damaged(state: Path, damage: Damage, copy: Path) -> Path:
    """Return a copy of *state* with *damage* done to it."""
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(state, copy)
    path = copy / damage.file
    data = bytearray(path.read_bytes())
    if damage.cut:
        del data[damage.at :]
    else:
        data[damage.at] ^= 0xFF
    path.write_bytes(data)
    return copy


def verdict(state: Path, before: Known) -> str:
    """
    Return ``whole``, ``refused``, ``told``, or what is wrong: something is other, and nobody said so.

    What no mark vouches for may be missing: its run died between the commit and the mark, and did nothing since.
    """
    try:
        now = known(state)
        file.open_to_write(state).close()  # as the next run would
    except JournalError:
        return "refused"
    if any(entries[: len(now.get(run_id, ()))] != now.get(run_id, ()) for run_id, entries in before.items()):
        return "entries are missing, or others are there"
    lost = [
        entry
        for run_id, entries in before.items()
        for entry in entries[len(now.get(run_id, ())) :]
        if entry.seq <= SqliteStore(state).marks.known(run_id)
    ]
    if bool(lost) is not _is_told(state):
        return f"{len(lost)} of the entries are missing, and nothing was said" if lost else "told without a reason"
    return "told" if lost else "whole"


def _is_told(state: Path) -> bool:
    """Whether a next run would say that something is lost."""
    try:
        history.allowances(SqliteStore(state), None, time.time())
    except JournalError:
        return True
    return False
