"""How far each target of a run is, from what happens."""

from collections.abc import Iterable
from typing import Final

from enforcer.core.fold.headway import Headway
from enforcer.model.event import Entry, Event, RunStarted, RunStopped

_OF_ALL: Final = frozenset({RunStarted, RunStopped})
"""Events that may be about every target."""


class Targets:
    """How far each target of a run is."""

    def __init__(self) -> None:
        self.headways: dict[str, Headway] = {}

    def take(self, entries: Iterable[Entry]) -> None:
        """Take note of *entries*."""
        for entry in entries:
            event = entry.event
            if type(event) in _OF_ALL:
                self._take_for_all(event)
            headway = self.headways.get(getattr(event, "target", None) or "")
            if headway is not None:
                headway.take(event, entry.at)

    def _take_for_all(self, event: Event) -> None:
        match event:
            case RunStarted(targets=targets):
                self.headways = {ref.name: Headway(ref=ref) for ref in targets}
            case RunStopped(target=target):
                for name, each in self.headways.items():
                    if target in {None, name}:
                        each.stop()
