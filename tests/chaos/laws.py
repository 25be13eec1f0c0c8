"""What holds over all the runs of a life, whatever ended each. A check returns sentences; none is well.

The server's ledger is the witness: the journal is judged by it, and the report is judged by the journal.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

import msgspec

from enforcer.core.fold.summary import fold
from enforcer.core.fold.verdict import discrepancies
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.model import event as events
from enforcer.model.event import Entry
from tests.chaos.life import Life
from tests.faults.ledger import Record

_CLOCK_S = 0.002
"""The server's clock and the journal's are compared."""
_OTHER = {"auto": "manual", "manual": "auto"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Intent:
    """One recorded attempt, with what its run knew of the task."""

    run_id: str
    task_id: str
    at: float
    desired: str
    until: float = float("inf")
    """When the next attempt on the task was recorded."""


@dataclass(frozen=True, kw_only=True)
class Remains:
    """What is left of a life."""

    runs: dict[str, tuple[Entry, ...]]
    records: list[Record]
    modes: dict[str, Any]
    wanted: dict[str, str]
    folder: Path
    edits: list[tuple[float, str]]

    @property
    def puts(self) -> list[Record]:
        return [record for record in self.records if record.method == "PUT"]

    def intents(self) -> list[Intent]:
        """Return every attempt of every run, in the order of the clock."""
        found = [
            Intent(run_id=run_id, task_id=entry.event.task_id, at=entry.at, desired=desired[entry.event.task_id])
            for run_id, entries in self.runs.items()
            if (desired := {e.event.task_id: e.event.desired for e in entries if _is(e, events.ChangePlanned)})
            for entry in entries
            if isinstance(entry.event, events.ChangeAttempted)
        ]
        return sorted(found, key=lambda intent: intent.at)


Law: TypeAlias = Callable[[Remains], Iterator[str]]


def remains(life: Life) -> Remains:
    return Remains(
        runs=life.runs(),
        records=life.server.ledger.records,
        modes=life.server.store.modes(),
        wanted=dict(life.server.store.wanted),
        folder=life.folder,
        edits=list(life.edits),
    )


def check(left: Remains) -> list[str]:
    """Return what is wrong with *left*, each with the law that it breaks."""
    return [*_broken(LAWS, left)]


def check_done(left: Remains) -> list[str]:
    """Return what is wrong after a run that went well: nothing is open any more, and all is as wanted.

    Its mark may still stand: of a log that could not be moved into the file, the next run sweeps it.
    """
    return [*check(left), *_broken(DONE, left)]


def check_at_rest(left: Remains) -> list[str]:
    """Return what is wrong after a run that went well and that nothing came in the way of."""
    return [*check_done(left), *_broken((no_mark_is_left,), left)]


def _broken(laws: Iterable[Law], left: Remains) -> Iterator[str]:
    return (f"{law.__name__}: {sentence}" for law in laws for sentence in law(left))


def no_put_without_its_intent(left: Remains) -> Iterator[str]:
    intents = left.intents()
    for task_id in {put.task_id for put in left.puts}:
        puts = [put for put in left.puts if put.task_id == task_id]
        recorded = [intent for intent in intents if intent.task_id == task_id]
        for number, put in enumerate(puts, start=1):
            before = [intent for intent in recorded if intent.at <= put.wall + _CLOCK_S]
            if len(before) < number:
                yield f"PUT {put.number} of {task_id} is the {number}. and came after {len(before)} intents"
            elif f'"{before[-1].desired}"'.encode() not in put.body:
                yield f"PUT {put.number} of {task_id} is {put.body!r}, and the intent was {before[-1].desired}"


def every_change_has_the_mode_before(left: Remains) -> Iterator[str]:
    for run_id, entries in left.runs.items():
        for entry in entries:
            if _is(entry, events.ChangePlanned) and entry.event.before != _OTHER[entry.event.desired]:
                yield f"{run_id}: {entry.event.task_id} is planned from {entry.event.before} to {entry.event.desired}"


def every_beginning_adds_up(left: Remains) -> Iterator[str]:
    for run_id, entries in left.runs.items():
        for end in range(1, len(entries) + 1):
            wrong = discrepancies(fold(entries[:end]))
            if wrong:
                yield f"{run_id} after {end} events: {wrong}"
        for own in (True, False):
            numbers = [entry.seq for entry in entries if (entry.seq < events.LATER) is own]
            if numbers and numbers != list(range(1 if own else events.LATER, numbers[-1] + 1)):
                yield f"{run_id}: its events are numbered with gaps: {numbers}"


def what_was_accepted_was_applied(left: Remains) -> Iterator[str]:
    for intent, events_after in _stories(left):
        accepted = any(isinstance(event, events.ChangeAcked) for event in events_after)
        if accepted and not _applied(left, intent):
            yield f"{intent.run_id}: {intent.task_id} was accepted, and no PUT of it was applied"


def what_is_called_not_applied_was_not(left: Remains) -> Iterator[str]:
    for intent, events_after in _stories(left):
        not_applied = any(isinstance(e, events.ChangeFailed) and e.failure == "not_applied" for e in events_after)
        # Where a person has set the mode back since, no read can tell that it had been applied.
        is_edited = any(task_id == intent.task_id and at >= intent.at for at, task_id in left.edits)
        if not_applied and not is_edited and _applied(left, intent):
            yield f"{intent.run_id}: {intent.task_id} is called not applied, and a PUT of it was applied"


def what_is_verified_was_seen(left: Remains) -> Iterator[str]:
    for intent, events_after in _stories(left):
        if any(isinstance(event, events.ChangeVerified) for event in events_after):
            shown = {r.shown[intent.task_id] for r in left.records if r.wall > intent.at and intent.task_id in r.shown}
            if intent.desired not in shown:
                yield f"{intent.run_id}: {intent.task_id} is verified, and no read showed it as {intent.desired}"


def reports_are_whole_or_absent(left: Remains) -> Iterator[str]:
    for path in (left.folder / "state" / "runs").glob("*/report.*"):
        data = path.read_bytes()
        if path.suffix == ".json":
            try:
                msgspec.json.decode(data)
            except msgspec.MsgspecError as wrong:
                yield f"{path.name} is half a report: {wrong}"
        if path.suffix == ".html" and b"</html>" not in data:
            yield f"{path.name} is half a page"


def no_mark_is_ahead_of_its_record(left: Remains) -> Iterator[str]:
    for name, number in _marks(left):
        last = max((entry.seq for entry in left.runs.get(name, ()) if entry.seq < events.LATER), default=0)
        if number > last:
            yield f"the mark of {name} says {number}, and its record, which nothing has damaged, ends with {last}"


def no_mark_is_left(left: Remains) -> Iterator[str]:
    for name, number in _marks(left):
        yield f"the mark of {name}, with {number}, stands though all is over"


def no_run_is_without_an_end(left: Remains) -> Iterator[str]:
    for run_id, entries in left.runs.items():
        if fold(entries).exit.name == "unfinished":
            yield f"{run_id} died, and no later run has marked it"


def nothing_is_open(left: Remains) -> Iterator[str]:
    for run_id, entries in left.runs.items():
        totals = fold(entries).totals
        if totals.unknown or totals.acked:
            yield f"{run_id} has {totals.unknown} unknown and {totals.acked} accepted changes that nobody has read"


def everything_is_as_wanted(left: Remains) -> Iterator[str]:
    wrong = [task_id for task_id, mode in left.wanted.items() if left.modes.get(task_id, mode) != mode]
    if wrong:
        yield f"{len(wrong)} tasks are not as the policy wants them: {wrong[:3]}"


LAWS = (
    no_put_without_its_intent,
    every_change_has_the_mode_before,
    every_beginning_adds_up,
    what_was_accepted_was_applied,
    what_is_called_not_applied_was_not,
    what_is_verified_was_seen,
    reports_are_whole_or_absent,
    no_mark_is_ahead_of_its_record,
)
DONE = (no_run_is_without_an_end, nothing_is_open, everything_is_as_wanted)


def _marks(left: Remains) -> list[tuple[str, int]]:
    """Return the name of each mark beside the journal, and how far it says that the record went."""
    state = left.folder / "state"
    marks = SqliteStore(state).marks
    return [(path.name, marks.known(path.name)) for path in sorted((state / "marks").glob("*"))]


def _is(entry: Entry, kind: type) -> bool:
    return isinstance(entry.event, kind)


def _stories(left: Remains) -> Iterator[tuple[Intent, list[Any]]]:
    """Yield each attempt with the events of its task that follow it in its run, up to the next attempt."""
    intents = left.intents()
    for place, intent in enumerate(intents):
        following = next((later for later in intents[place + 1 :] if later.task_id == intent.task_id), None)
        own = [
            entry
            for entry in left.runs[intent.run_id]
            if getattr(entry.event, "task_id", None) == intent.task_id and entry.at >= intent.at
        ]
        events_after = []
        for entry in own[1:]:
            if _is(entry, events.ChangeAttempted):
                break
            events_after.append(entry.event)
        until = float("inf") if following is None else following.at
        yield (
            Intent(run_id=intent.run_id, task_id=intent.task_id, at=intent.at, desired=intent.desired, until=until),
            events_after,
        )


def _applied(left: Remains, intent: Intent) -> bool:
    """Whether a PUT of *intent*, and not of a later attempt, was applied."""
    return any(
        put.applied
        for put in left.puts
        if put.task_id == intent.task_id and intent.at - _CLOCK_S <= put.wall <= intent.until
    )
