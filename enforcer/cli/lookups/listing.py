"""The tasks as they are listed now, for commands that only want to look at them."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from enforcer.cli.runs import conducting, errands
from enforcer.cli.runs.errands import Errand
from enforcer.cli.state import Home
from enforcer.cli.targets import Connection
from enforcer.cli.terminal import running
from enforcer.cli.wiring.documents import load_policy
from enforcer.errors import EnforcerError, ExitCode
from enforcer.model.event import RunStarted, RunStopped, TargetFailed, TargetRef
from enforcer.model.policy import Policy
from enforcer.model.task import Inventory, Task
from enforcer.ports import Sink
from enforcer.run import enforce
from enforcer.run.clock import utc_now
from enforcer.run.recording import Memory, Recorder
from enforcer.run.site import Conduct, Site

NO_POLICY: Final = Policy(name="no policy", files=(), sha256="")
"""What a command that only looks goes by without one: the built-in limits, and the one target that flags describe."""


class NotListedError(EnforcerError):
    """Some target could not be listed; the exit code is that of the reason."""

    def __init__(self, told: TargetFailed | RunStopped) -> None:
        super().__init__(told.message, hint=told.hint)
        self.exit_code = ExitCode(told.exit_code)


class Listed(Struct, frozen=True, kw_only=True):
    """What there is, and where it was read."""

    inventories: tuple[Inventory, ...]
    targets: tuple[TargetRef, ...]

    @property
    def tasks(self) -> list[Task]:
        """Those of all targets."""
        return [task for inventory in self.inventories for task in inventory.tasks]

    def where(self, is_wanted: Callable[[Task], bool]) -> "Listed":
        """Return this with no other tasks than those that are wanted."""
        fitting = (replace(each, tasks=tuple(filter(is_wanted, each.tasks))) for each in self.inventories)
        return replace(self, inventories=tuple(fitting))


def policy_of(path: str | None) -> Policy:
    """Return the policy at *path*, or one that says nothing. Raises PolicyError."""
    return NO_POLICY if path is None else load_policy(path)


def errand(command: str, policy: Policy, connection: Connection, *, path: str | None, home: Home) -> Errand:
    """Return the errand of *command*, which looks at the targets of *policy*, read from *path*.

    Raises ConfigError or UsageError.
    """
    return errands.errand(
        command,
        policy,
        Path(path or ".").absolute(),
        connection,
        began=utc_now(),
        home=home,
        wish=wishes_for_nothing,
    )


def look(errand: Errand, sink: Sink) -> Listed:
    """Return the tasks of every target of *errand*, with their modes; raise NotListedError if one is not listed."""
    memory = Memory()
    found: list[Inventory] = []

    async def list_all(sites: Sequence[Site], conduct: Conduct) -> None:
        found.extend(await enforce.inventories(sites, errand.policy.limits, conduct))

    recorder = Recorder(memory, (sink,), conducting.wall_clock)
    running.run(lambda stop: conducting.carry_out(errand, recorder, stop, list_all))
    refs: tuple[TargetRef, ...] = ()
    for entry in memory.entries:
        if isinstance(entry.event, RunStarted):
            refs = entry.event.targets
        if isinstance(entry.event, TargetFailed | RunStopped):
            raise NotListedError(entry.event)
    return Listed(inventories=tuple(found), targets=refs)


def wishes_for_nothing() -> enforce.Wish:
    """Stand for the wish of an errand that only looks; nobody asks it."""
    raise AssertionError("what only looks has no wish")
