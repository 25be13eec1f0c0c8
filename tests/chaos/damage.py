"""A journal with a byte turned over or its end cut off: it opens with everything, or it is refused.

The log beside the file is another matter. There is one only while a run is under way or after one died; SQLite reads
it up to the first frame that is not sound, so that damage to it looks like a power cut at that moment: records end
earlier, and none is other than it was.
"""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from enforcer.errors import JournalError
from enforcer.journal import reader, store
from enforcer.journal.sqlite import SqliteStore
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
        for row in reader.runs(SqliteStore(state), limit=1000)
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
    """Return ``whole``, ``refused``, ``ends earlier``, or what is wrong: something is other, and nobody said so."""
    try:
        now = known(state)
        store.open_to_write(state).close()  # as the next run would
    except JournalError:
        return "refused"
    if now == before:
        return "whole"
    if all(entries[: len(now.get(run_id, ()))] == now.get(run_id, ()) for run_id, entries in before.items()):
        return "ends earlier"
    lost = sum(len(entries) for entries in before.values()) - sum(len(entries) for entries in now.values())
    return f"{lost} of the entries are missing, or others are there, and nothing was said"
