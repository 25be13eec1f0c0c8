"""What can happen to the change of one task, from the plan to the read after the PUT."""

from typing import ClassVar, TypeAlias

from msgspec import Struct

from enforcer.model.task import ResumeMode


class OfPlanned(Struct, frozen=True, kw_only=True, gc=False):
    """What every event of a planned change begins with. Nearly all events of a run are such.

    None holds what could refer back to it, so that Python's collector has no need to look at them.
    """

    target: str
    task_id: str


class ChangePlanned(OfPlanned, frozen=True, kw_only=True):
    kind: ClassVar[str] = "change.planned"
    task_name: str | None
    before: ResumeMode | None
    desired: ResumeMode
    rule: str
    """What asked for it: the rule's id; ``default`` for the policy's default."""
    origin: str | None
    """``file:line`` of the rule, if it stands in a file."""
    reason: str | None
    priority: int


class ChangeSkipped(OfPlanned, frozen=True, kw_only=True):
    """A planned change that is not sent, because what is known of the task forbids it."""

    kind: ClassVar[str] = "change.skipped"
    reason: str


class ChangeDeferred(OfPlanned, frozen=True, kw_only=True):
    """A planned change that is not sent in this run: it waits for its turn."""

    kind: ClassVar[str] = "change.deferred"
    reason: str


class ChangeWithheld(Struct, frozen=True, kw_only=True):
    """A task of the earlier run that this one does not touch. It is not among the planned changes."""

    kind: ClassVar[str] = "change.withheld"
    target: str
    task_id: str
    task_name: str | None
    reason: str


class ChangeContested(Struct, frozen=True, kw_only=True):
    """A task was set to the same mode again and again, and is found reset once more: from now on it is left alone."""

    kind: ClassVar[str] = "change.contested"
    target: str
    task_id: str
    desired: ResumeMode


class ChangeFlagged(OfPlanned, frozen=True, kw_only=True):
    """A planned change with which the plan passes a limit, so that the whole plan is refused."""

    kind: ClassVar[str] = "change.flagged"
    reason: str


class ChangeRated(OfPlanned, frozen=True, kw_only=True):
    """What a change to auto may do to others, and the wave in which it is to go."""

    kind: ClassVar[str] = "change.rated"
    wave: int
    """From 1."""
    risk: str
    """A `Risk`."""
    reasons: tuple[str, ...]


class ChangeAttempted(OfPlanned, frozen=True, kw_only=True):
    """The intent: recorded before a byte of the PUT leaves. Without a later event it is *unknown*."""

    kind: ClassVar[str] = "change.attempted"
    attempt: int
    """From 1."""


class AttemptFailed(OfPlanned, frozen=True, kw_only=True):
    """A PUT failed in a way that is worth another attempt, which follows after *wait_s* seconds."""

    kind: ClassVar[str] = "attempt.failed"
    attempt: int
    failure: str
    """A `FailureKind`."""
    message: str
    wait_s: float
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float = 0.0


class ChangeAcked(OfPlanned, frozen=True, kw_only=True):
    """The API took the PUT. Whether it shows is for the read-back to say."""

    kind: ClassVar[str] = "change.acked"
    attempt: int
    http_status: int
    request_id: str | None
    duration_ms: float
    by_read_back: bool = False
    """The answer was lost, and reading the task showed that the PUT had been taken."""


class ChangeFailed(OfPlanned, frozen=True, kw_only=True):
    """The change did not happen, and that is known."""

    kind: ClassVar[str] = "change.failed"
    failure: str
    """A `FailureKind`, ``not_applied`` (by the read-back) or ``internal`` (a bug)."""
    message: str
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float = 0.0


class ChangeWithdrawn(OfPlanned, frozen=True, kw_only=True):
    """The request of an attempt never left, since a stop, a hold or a pause came first.

    The attempt is as if it had not been made; another may follow.
    """

    kind: ClassVar[str] = "change.withdrawn"
    attempt: int
    message: str


class ChangeLost(OfPlanned, frozen=True, kw_only=True):
    """The PUT was sent and no usable answer came: *unknown* until a read tells."""

    kind: ClassVar[str] = "change.lost"
    message: str
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float = 0.0


class ChangeGone(OfPlanned, frozen=True, kw_only=True):
    """The task no longer exists."""

    kind: ClassVar[str] = "change.gone"
    message: str
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None


class ChangeVerified(OfPlanned, frozen=True, kw_only=True):
    """A read after the PUT shows the desired mode."""

    kind: ClassVar[str] = "change.verified"
    observed: ResumeMode


class ChangeMismatched(OfPlanned, frozen=True, kw_only=True):
    """A read after the PUT shows something else; *observed* is None if it shows no mode."""

    kind: ClassVar[str] = "change.mismatched"
    observed: ResumeMode | None


class ChangeRecalled(OfPlanned, frozen=True, kw_only=True):
    """A change that was sent is to be taken back, since its wave did harm; what follows of the task is the way back."""

    kind: ClassVar[str] = "change.recalled"
    desired: ResumeMode
    """The mode to go back to."""
    wave: int


OfChange: TypeAlias = (
    ChangePlanned
    | ChangeSkipped
    | ChangeDeferred
    | ChangeWithheld
    | ChangeContested
    | ChangeFlagged
    | ChangeRated
    | ChangeAttempted
    | AttemptFailed
    | ChangeAcked
    | ChangeFailed
    | ChangeWithdrawn
    | ChangeLost
    | ChangeGone
    | ChangeVerified
    | ChangeMismatched
    | ChangeRecalled
)
