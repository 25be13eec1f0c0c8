"""What can happen with a target: its lists, and the requests, the rate and the credentials of all its calls."""

from typing import ClassVar, TypeAlias

from msgspec import Struct


class InventoryListed(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "inventory.listed"
    target: str
    tasks: int
    count: int | None
    pages: int
    shows: int
    stable: bool
    read_back: bool
    """False: the list that the plan rests on. True: one that was read after PUTs, to see what they came to."""
    duration_ms: float


class InventoryCompared(Struct, frozen=True, kw_only=True):
    """The inventory stands beside that of the last good run of the same endpoint and project."""

    kind: ClassVar[str] = "inventory.compared"
    target: str
    tasks: int
    baseline: int | None
    """None: there was no good run yet."""
    baseline_run: str | None


class InventoryAccepted(Struct, frozen=True, kw_only=True):
    """An inventory that would have been refused is taken for the whole, on the word of a person."""

    kind: ClassVar[str] = "inventory.accepted"
    target: str
    tasks: int
    reason: str
    doubts: tuple[str, ...]
    """What it would have been refused for, one sentence each."""


class HistoryUnread(Struct, frozen=True, kw_only=True):
    """The journal cannot tell what earlier runs did to a target: nothing of it goes to auto."""

    kind: ClassVar[str] = "history.unread"
    target: str
    message: str
    hint: str | None = None


class RequestRetried(Struct, frozen=True, kw_only=True):
    """A list or details call failed and is sent again."""

    kind: ClassVar[str] = "request.retried"
    target: str
    call: str
    """``list`` or ``show``."""
    attempt: int
    failure: str
    """A `FailureKind`."""
    message: str
    wait_s: float
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    task_id: str | None = None
    """The task that ``show`` is about."""


class ThrottleGated(Struct, frozen=True, kw_only=True):
    """The API said "slow down": no request of the target is started for *wait_s* seconds, then one as a probe."""

    kind: ClassVar[str] = "throttle.gated"
    target: str
    wait_s: float
    times: int
    """How often in a row, from 1."""
    rate_per_s: float
    """The rate from then on."""
    retry_after_s: float | None = None
    limit: str | None = None
    """The limit that the gateway named, like ``60/m``."""
    inferred: str | None = None
    """The quota of a minute that explains the refusals where the gateway named no limit, like ``60/m``: a guess."""


class RateChanged(Struct, frozen=True, kw_only=True):
    """The rate has climbed back to all that is allowed after it was lowered."""

    kind: ClassVar[str] = "rate.changed"
    target: str
    rate_per_s: float


class BreakerOpened(Struct, frozen=True, kw_only=True):
    """Too many requests of the target failed: nothing more is sent to it in this run."""

    kind: ClassVar[str] = "breaker.opened"
    target: str
    message: str


class CredentialsRefreshed(Struct, frozen=True, kw_only=True):
    """Credentials were refused, and new ones were found, or the clock was corrected; the run goes on."""

    kind: ClassVar[str] = "credentials.refreshed"
    target: str
    message: str


class CredentialsDated(Struct, frozen=True, kw_only=True):
    """The credentials that were accepted have an end that is known. Told anew when others take their place."""

    kind: ClassVar[str] = "credentials.dated"
    target: str
    expires_at: float
    """Unix time in seconds."""


class ClockSkewed(Struct, frozen=True, kw_only=True):
    """The clocks of this machine and of the target differ by more than a minute; the run goes on."""

    kind: ClassVar[str] = "clock.skewed"
    target: str
    skew_s: float
    """How far this machine's clock is ahead; negative: behind."""


class TargetFailed(Struct, frozen=True, kw_only=True):
    """A target could not be worked on, or no further; the other targets go on."""

    kind: ClassVar[str] = "target.failed"
    target: str
    exit_code: int
    message: str
    hint: str | None = None


OfTarget: TypeAlias = (
    InventoryListed
    | InventoryCompared
    | InventoryAccepted
    | HistoryUnread
    | RequestRetried
    | ThrottleGated
    | RateChanged
    | BreakerOpened
    | CredentialsRefreshed
    | CredentialsDated
    | ClockSkewed
    | TargetFailed
)
