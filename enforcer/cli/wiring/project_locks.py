"""The locks of projects."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from enforcer.cli.wiring.stores import store

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.model.lock import Holder, LockState, StopRequest
    from enforcer.ports import Locks


def locks(home: Home, projects: Iterable[tuple[str, str]], holder: Holder) -> Locks:
    """Return the locks of *projects*, pairs of endpoint and project id, for *holder*; none of them is taken yet."""
    return store(home).locks(projects, holder)


def states(home: Home) -> tuple[LockState, ...]:
    """Return every lock of the state directory as it is now. Raises JournalError."""
    return store(home).lock_states()


def request_stop(home: Home, busy: LockState, plea: StopRequest) -> bool:
    """Ask the holder of *busy* to stop; return whether there was one still. Raises JournalError."""
    return store(home).request_stop(busy.endpoint, busy.project_id, plea) is not None
