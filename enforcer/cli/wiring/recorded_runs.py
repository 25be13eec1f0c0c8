"""What is recorded of runs: begun, read, brought back and pruned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

from enforcer.cli.wiring.stores import store

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.journal.emergency import Taken
    from enforcer.journal.register import Child, RunRow
    from enforcer.journal.writer import JournalWriter
    from enforcer.model.event import Entry
    from enforcer.model.report.run import TrendPoint
    from enforcer.ports import Records


def journal(home: Home, tell: Callable[[str], object], *, any_file_system: bool) -> JournalWriter:
    """Return the journal for a new run, open; leaving it as a context completes it.

    *tell* is given what it cannot take. Raises JournalError if the state directory is not fit for it.
    """
    from enforcer.journal.writer import JournalWriter

    return JournalWriter(store(home, any_file_system=any_file_system), tell)


def is_state_there(home: Home, *, any_file_system: bool) -> bool:
    """Return whether anything is kept yet; raise JournalError if no run could be recorded."""
    return store(home, any_file_system=any_file_system).look()


def events(home: Home, run_id: str) -> Iterator[Entry]:
    """Yield what the journal has of a run; raise UsageError if there is none of that id."""
    from enforcer.journal import reader

    return reader.events(store(home), run_id)


def event_lines(home: Home, run_id: str) -> Iterator[str]:
    """Return the events of a run as JSON lines; raise UsageError if there is none of that id."""
    from enforcer.journal import reader

    return reader.exported(store(home), run_id)


def listed(home: Home, limit: int) -> tuple[RunRow, ...]:
    """Return the last *limit* runs of the journal, the newest first. Raises JournalError."""
    from enforcer.journal import register

    return register.listed(store(home), limit)


def pair(home: Home, later: str | None) -> tuple[str, str]:
    """Return the ids of the run *later*, or of the last, and of the one before it, that one first.

    Raises UsageError if there are no two of them, or JournalError.
    """
    from enforcer.journal import register

    return register.pair(store(home), later)


def children(home: Home, run_id: str) -> tuple[Child, ...]:
    """Return the runs that went back to the run *run_id*. Raises JournalError."""
    from enforcer.journal import register

    return register.children(store(home), run_id)


def last_start(home: Home, policy_name: str, before: float, shard: str | None) -> float | None:
    """Return when the last apply of a policy of that name, or of its *shard*, began before *before*; Unix times.

    Raises JournalError.
    """
    from enforcer.journal import register

    return register.last_start(store(home), policy_name, before, shard)


def last_success(home: Home, policy_name: str, shard: str | None) -> float | None:
    """Return the Unix time at which the last apply of the policy, or of its *shard*, with exit 0 ended, if any did.

    Raises JournalError.
    """
    from enforcer.journal import register

    return register.last_success(store(home), policy_name, shard)


def trend(home: Home, run_id: str) -> tuple[TrendPoint, ...]:
    """Return the last applies of the policy of the run *run_id* up to that one. Raises JournalError."""
    from enforcer.journal import register

    return register.trend(store(home), run_id)


def shortfall(home: Home, run_id: str) -> str | None:
    """Return what is missing at the end of a run's record, in a sentence; None: nothing is. Raises JournalError."""
    from enforcer.journal import reader

    return reader.shortfall(store(home), run_id)


def records(home: Home) -> Records:
    """Return the records of earlier runs, which are read and added to when asked for."""
    from enforcer.journal.records import Records

    return Records(store(home, any_file_system=True))


def take_back(home: Home, text: Iterable[str], *, any_file_system: bool) -> tuple[Taken, ...]:
    """Add the events that lines of *text* tell of to the journal. Raises DataError or JournalError."""
    from enforcer.journal import emergency

    return emergency.take_back(store(home, any_file_system=any_file_system), text)


def prune(home: Home, policy_name: str, before: float) -> tuple[str, ...]:
    """Delete the runs of a policy that began before *before*, Unix time, but for those that are needed.

    Returns their ids. Raises JournalError.
    """
    from enforcer.journal import pruning

    return pruning.prune(store(home, any_file_system=True), policy_name, before)
