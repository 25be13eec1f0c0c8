"""What is different between two runs of a policy, task by task."""

from msgspec import Struct

from enforcer.model.report.run import Exit
from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode


class Side(Struct, frozen=True, kw_only=True):
    """One of the two runs."""

    run_id: str
    policy: str
    started_at: str
    """RFC 3339, UTC, milliseconds."""
    exit: Exit


class Differing(Struct, frozen=True, kw_only=True):
    """A task, as the later run found it; one that it did not find amiss, as the earlier run left it."""

    target: str
    task_id: str
    task_name: str | None
    before: ResumeMode | None
    desired: ResumeMode
    rule: str
    state: State
    reason: str | None


class Difference(Struct, frozen=True, kw_only=True):
    """Only tasks that both runs looked at are compared."""

    earlier: Side
    later: Side
    newly_drifting: tuple[Differing, ...]
    """Not as desired in the later run, and not amiss in the earlier, or amiss in the other direction."""
    drifting_again: tuple[Differing, ...]
    """Set by the earlier run, and found reset by the later."""
    fixed: tuple[Differing, ...]
    """Amiss in the earlier run, and not in the later."""
    newly_failing: tuple[Differing, ...]
    """Failed, unknown or read back otherwise in the later run only."""
    newly_contested: tuple[Differing, ...]
    """Left alone by the later run, and not by the earlier, since somebody else keeps resetting it."""
    still_drifting: int
    """Amiss in both, without the earlier run having set them."""
    not_compared: tuple[str, ...]
    """Targets that only one of the two listed."""

    @property
    def is_empty(self) -> bool:
        """Whether no task is different."""
        return not (
            self.newly_drifting or self.drifting_again or self.fixed or self.newly_failing or self.newly_contested
        )
