"""The tasks as they are listed now, for commands that only want to look at them."""

from collections.abc import Sequence

from enforcer.cli import conducting, running
from enforcer.cli.conducting import Errand
from enforcer.errors import EnforcerError
from enforcer.model.event import RunStopped, TargetFailed
from enforcer.model.plan import Plan
from enforcer.model.task import Task
from enforcer.ports import Sink
from enforcer.run.enforce import plan
from enforcer.run.recording import Memory, Recorder
from enforcer.run.site import Conduct, Site


class NotListedError(EnforcerError):
    """Some target could not be listed."""


def tasks(errand: Errand, sink: Sink) -> tuple[Task, ...]:
    """Return the tasks of every target of *errand*, whose planner should want nothing; raise NotListedError."""
    memory = Memory()
    found: list[Plan] = []

    async def look(sites: Sequence[Site], conduct: Conduct) -> None:
        found.extend((await plan(sites, errand.wish(), conduct)).plans)

    recorder = Recorder(memory, (sink,), conducting.wall_clock)
    running.run(lambda stop: conducting.carry_out(errand, recorder, stop, look))
    for entry in memory.entries:
        if isinstance(entry.event, TargetFailed | RunStopped):
            raise NotListedError(entry.event.message, hint=entry.event.hint)
    return tuple(left.task for one in found for left in one.left)
