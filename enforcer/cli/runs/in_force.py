"""Which overrides a command has to honour: those of its policy and those of the state directory."""

import time
from typing import Final

from enforcer.cli.state import Home
from enforcer.cli.wiring import recorded_overrides
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.model.policy import Policy

FRESH_S: Final = 1.0


def overrides(policy: Policy, home: Home, *, but: str | None = None) -> CompiledOverrides:
    """Return every override there is now, whatever became of it, ready to be asked; the one called *but* apart.

    What plans and changes reads them through here, as late as it can. Raises JournalError if they cannot be read:
    without them nobody can say which tasks are to be left alone.
    """
    return CompiledOverrides((*policy.overrides, *(each for each in recorded_overrides.stored(home) if each.id != but)))


class Standing:
    """The overrides as they were at most FRESH_S seconds ago, so that a run hears of those added while it goes on."""

    def __init__(self, policy: Policy, home: Home, *, but: str | None = None) -> None:
        """The override called *but* is left out."""
        self._policy = policy
        self._home = home
        self._but = but
        self._known: CompiledOverrides | None = None
        self._version = 0
        self._read_at = 0.0

    def __call__(self) -> CompiledOverrides:
        """Return them; raise JournalError if they have to be read and cannot be."""
        now = time.monotonic()
        if self._known is None or now - self._read_at >= FRESH_S:
            self._known, self._read_at = self._read(), now
        return self._known

    def _read(self) -> CompiledOverrides:
        # Asked first: what is added meanwhile is read again next time.
        version = recorded_overrides.version(self._home)
        if self._known is None or version != self._version:
            self._known, self._version = overrides(self._policy, self._home, but=self._but), version
        return self._known
