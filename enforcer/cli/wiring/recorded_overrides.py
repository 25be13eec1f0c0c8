"""The overrides of the state directory or the server."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from enforcer.cli.wiring.stores import store

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.model.override import Override, Step


def stored(home: Home) -> tuple[Override, ...]:
    """Return every override of the state directory, whatever became of it. Raises JournalError."""
    from enforcer.journal import overrides as kept

    return kept.stored(store(home))


def version(home: Home) -> int:
    """Return a number that grows with every change of an override. Raises JournalError."""
    from enforcer.journal import overrides as kept

    return kept.version(store(home))


def amend(
    home: Home, steps: Callable[[tuple[Override, ...]], Sequence[Step]], *, any_file_system: bool = False
) -> tuple[Step, ...]:
    """Record what *steps* makes of the overrides there are, and return it. Raises JournalError, and what it raises."""
    from enforcer.journal import overrides as kept

    return kept.amend(store(home, any_file_system=any_file_system), steps)
