"""What the records of all runs say of tasks and places."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from enforcer.cli.wiring.stores import store

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.core.overrides.incident import Author
    from enforcer.journal.contests import Contested
    from enforcer.model.allowance import Allowance
    from enforcer.model.episode import Episode
    from enforcer.model.event import TargetRef
    from enforcer.model.history import History, SetSince
    from enforcer.model.policy import Policy


def past(home: Home, task: str) -> tuple[Episode, ...]:
    """Return what runs did about *task*, an id, the beginning of one or a name. Raises UsageError or JournalError."""
    from enforcer.journal.past import past as read

    return read(store(home), task)


def planned(home: Home, begun: str) -> tuple[tuple[str, str], ...]:
    """Return ids, with their names, of tasks that runs planned to change, as *begun*. Raises JournalError."""
    from enforcer.journal.past import planned

    return planned(store(home), begun)


def history(home: Home, place: TargetRef) -> History:
    """Return what the journal says of earlier runs at *place*. Raises JournalError."""
    from enforcer.journal.history import history as read

    return read(store(home), place, time.time())


def allowances(home: Home, policy: Policy | None) -> tuple[Allowance, ...]:
    """Return what earlier runs leave of the day budgets of *policy*. Raises JournalError."""
    from enforcer.journal import history

    return history.allowances(store(home), policy, time.time())


def set_since(home: Home, since: float, *, but: str) -> dict[str, SetSince]:
    """Return which run set each task last, by id, after *since*, the run *but* apart. Raises JournalError."""
    from enforcer.journal import history

    return history.set_since(store(home), since, but=but)


def authors_since(home: Home, since: float, *, but: str) -> dict[str, Author]:
    """Return who sent the last change of each task, by id, after *since*, the run *but* apart. Raises JournalError."""
    from enforcer.journal import history

    return history.authors_since(store(home), since, but=but)


def contested(home: Home) -> tuple[Contested, ...]:
    """Return every contested task. Raises JournalError."""
    from enforcer.journal import contests

    return contests.listed(store(home))


def clear_contested(home: Home, task_ids: Sequence[str], by: str) -> tuple[Contested, ...]:
    """Clear those of *task_ids* that are contested, and return them. Raises JournalError."""
    from enforcer.journal import contests

    return contests.clear(store(home), task_ids, time.time(), by)
