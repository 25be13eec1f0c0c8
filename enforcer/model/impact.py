"""What an edit of a policy changes for the tasks that there are, apart from drift that is there anyway."""

from msgspec import Struct

from enforcer.model.plan import Decision
from enforcer.model.task import ResumeMode, Task


class Move(Struct, frozen=True, kw_only=True):
    """A task that the two policies decide differently, in mode or in what they rest on."""

    task: Task
    before: Decision
    after: Decision

    @property
    def is_of_mode(self) -> bool:
        """Whether another mode is desired, and not only another rule decides."""
        return self.before.desired is not self.after.desired

    @property
    def drifts(self) -> bool:
        """Whether the task was not as the old policy wants it, before any edit."""
        return self.before.desired not in {None, self.task.resume_mode}

    @property
    def changes_task(self) -> bool:
        """Whether a run under the new policy would send a request for the task."""
        return self.after.desired not in {None, self.task.resume_mode}


class Impact(Struct, frozen=True, kw_only=True):
    """The tasks of an inventory, by what the edit means for them; every tuple in the order of the inventory."""

    tasks: int
    moved: tuple[Move, ...]
    """Another mode is desired than before."""
    drifting: tuple[Move, ...]
    """The same mode is desired, and the task has another: a run would change it, edit or not."""
    unmatched: tuple[Move, ...]
    """A rule decided before, and none does now."""
    rerouted: tuple[Move, ...]
    """The same mode, decided by another rule."""

    def desiring(self, mode: ResumeMode | None) -> tuple[Move, ...]:
        """Return the moves towards *mode*; None: those that are now left alone."""
        return tuple(each for each in self.moved if each.after.desired is mode)
