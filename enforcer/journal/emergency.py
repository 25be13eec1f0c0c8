"""Takes back into the journal what a run told line by line when its journal had failed. Adds, and never changes."""

from collections.abc import Iterable

from msgspec import Struct

from enforcer.errors import DataError
from enforcer.journal import lines, rows
from enforcer.journal.stores import Connection, Store
from enforcer.model.event import LATER, Entry, RunStarted

_SHOWN = 5
"""Damaged lines that a message names at most."""


class Taken(Struct, frozen=True, kw_only=True):
    """What became of the lines of one run."""

    run_id: str
    added: int
    known: int
    """How many the journal had already."""
    missing: int
    """How many events before the run's last are still nowhere."""


def take_back(store: Store, text: Iterable[str]) -> tuple[Taken, ...]:
    """
    Add the events that *text*, lines among others, tells of and that the journal does not have; () if it has none.

    All or nothing. Raises DataError with every line that is damaged, contradicts the journal, or belongs to a run
    whose beginning is in neither, and JournalError if the journal cannot be written.
    """
    told = _read(text)
    if not told:
        return ()
    with store.writing() as connection:
        return tuple(_take(connection, run_id, entries) for run_id, entries in sorted(told.items()))


def _read(text: Iterable[str]) -> dict[str, dict[int, Entry]]:
    told: dict[str, dict[int, Entry]] = {}
    wrong = []
    for number, each in enumerate(text, start=1):
        try:
            found = lines.parse(each)
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
            continue
        if found is None:
            continue
        run_id, entry = found
        if told.setdefault(run_id, {}).setdefault(entry.seq, entry) != entry:
            wrong.append(f"line {number}: event {entry.seq} of run {run_id} is told twice, and differently")
    if wrong:
        more = [f"{len(wrong) - _SHOWN} more lines are damaged"] if len(wrong) > _SHOWN else []
        raise DataError(
            "; ".join([*wrong[:_SHOWN], *more, "nothing was added"]),
            hint="Take those lines out and give the rest again.",
        )
    return told


def _take(connection: Connection, run_id: str, told: dict[int, Entry]) -> Taken:
    found = {
        row[0]: rows.entry(run_id, row) for row in connection.execute(f"{rows.SELECT} WHERE run_id = ?", (run_id,))
    }
    for seq in told.keys() & found.keys():
        if told[seq] != found[seq]:
            raise DataError(
                f"event {seq} of run {run_id} is in the journal already, and says something else; nothing was added",
                hint=f"`enforcer runs export {run_id}` shows what the journal has.",
            )
    if not found:
        _begin(connection, run_id, told.get(1))
    new = [told[seq] for seq in sorted(told.keys() - found.keys())]
    rows.insert_events(connection, run_id, new)
    own = {seq for seq in (*told, *found) if seq < LATER}
    return Taken(run_id=run_id, added=len(new), known=len(told) - len(new), missing=max(own) - len(own))


def _begin(connection: Connection, run_id: str, first: Entry | None) -> None:
    if first is None or not isinstance(first.event, RunStarted) or first.event.run_id != run_id:
        raise DataError(
            f"the beginning of run {run_id} is neither in the journal nor in these lines; nothing was added",
            hint="Use the state directory of that run: --state-dir.",
        )
    rows.insert_run(connection, first.event, first.at)
