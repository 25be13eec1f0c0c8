"""How far each target of a run is, from what happens."""

from enforcer.core.fold.headway import Headway
from enforcer.model.event import Entry, Event, OfPlanned, RunStarted, RunStopped


class Targets:
    """How far each target of a run is."""

    def __init__(self) -> None:
        self.headways: dict[str, Headway] = {}

    def take(self, entry: Entry) -> Headway | None:
        """Take note of *entry*, and return the target that it is about; None if it is about none or about all."""
        event = entry.event
        if isinstance(event, OfPlanned):  # nearly all are
            about = event.target
        else:
            self._take_for_all(event)
            about = getattr(event, "target", None) or ""
        headway = self.headways.get(about)
        if headway is not None:
            headway.take(event, entry.at)
        return headway

    def _take_for_all(self, event: Event) -> None:
        match event:
            case RunStarted(targets=targets):
                self.headways = {ref.name: Headway(ref=ref) for ref in targets}
            case RunStopped(target=target):
                for name, each in self.headways.items():
                    if target in {None, name}:
                        each.stop()
