"""What a report says of single tasks."""

from enum import StrEnum

from msgspec import Struct

from enforcer.model.task import ResumeMode


class State(StrEnum):
    """What became of one planned change; exactly one of these."""

    VERIFIED = "verified"
    """Read back and found as desired."""
    ACKED = "acked"
    """The API took it; it was not read back."""
    MISMATCH = "mismatch"
    """Read back and found otherwise; or to be set back, which failed."""
    FAILED = "failed"
    """It did not happen."""
    UNKNOWN = "unknown"
    """It was sent, and nothing tells whether it happened."""
    REVERTED = "reverted"
    """Set back to the mode before, since its wave did harm, and read back so."""
    GONE = "gone"
    """The task no longer exists."""
    SKIPPED = "skipped"
    """Not sent: what is known of the task forbids it."""
    DEFERRED = "deferred"
    """Not sent in this run: it waits for its turn."""
    NOT_ATTEMPTED = "not_attempted"
    """Not sent: the run was refused or stopped before."""


class Attempt(Struct, frozen=True, kw_only=True):
    """A PUT that another one followed, and the answer to it; all None where no answer is recorded."""

    started_s: float
    """From the start of the run."""
    failure: str | None = None
    """A `FailureKind`."""
    message: str | None = None
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    duration_ms: float | None = None
    wait_s: float | None = None
    """How long the next attempt was to wait."""


class TaskReport(Struct, frozen=True, kw_only=True, gc=False):
    task_id: str
    task_name: str | None
    before: ResumeMode | None
    desired: ResumeMode
    observed_after: ResumeMode | None
    rule: str
    origin: str | None
    """``file:line`` of the rule."""
    rule_reason: str | None
    wave: int | None = None
    """The wave in which it is to go, from 1; None for a change to manual, or one without a place in a wave."""
    risk: str | None = None
    """A `Risk`; None where there is no *wave*."""
    risk_reasons: tuple[str, ...] = ()
    state: State
    reason: str | None
    """Why it is in this state, where that needs saying."""
    attempts: int
    http_status: int | None
    error_code: str | None
    request_id: str | None
    duration_ms: float | None
    """Of the last attempt."""
    started_s: float | None
    """From the start of the run to that of the last attempt."""
    earlier: tuple[Attempt, ...]
    """The attempts before the last, the latest 20 of them."""


class WithheldReport(Struct, frozen=True, kw_only=True):
    """A task of an earlier run that this one does not touch."""

    task_id: str
    task_name: str | None
    reason: str
