"""How far each target of a run is, from what happens."""

from enforcer.core.fold.headway import Headway
from enforcer.model.event import Entry, RunStarted, RunStopped


class Targets:
    """How far each target of a run is."""

    def __init__(self) -> None:
        self.headways: dict[str, Headway] = {}

    def take(self, entry: Entry) -> Headway | None:
        """Take note of *entry*, and return the target that it is about; None if it is about none or about all."""
        match entry.event:
            case RunStarted(targets=targets):
                self.headways = {ref.name: Headway(ref=ref) for ref in targets}
            case RunStopped(target=target):
                for name, each in self.headways.items():
                    if target in {None, name}:
                        each.stop()
        headway = self.headways.get(getattr(entry.event, "target", None) or "")
        if headway is not None:
            headway.take(entry.event, entry.at)
        return headway
