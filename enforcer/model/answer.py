"""What came of one request: a Reply, or a Failure as a value. Nothing here retries or raises."""

from enum import StrEnum
from typing import Generic, TypeVar

from msgspec import Struct

from enforcer.model.limits import Rate
from enforcer.model.task import Task

T = TypeVar("T")


class FailureKind(StrEnum):
    """What a failed request means for the next step."""

    NOT_SENT = "not_sent"
    """No byte of the request left: refused connection, name look-up, TLS handshake. Safe to send again."""
    WITHDRAWN = "withdrawn"
    """No byte of the request left, because a stop was asked for first. Says nothing of the network or the task."""
    TRANSIENT = "transient"
    """The service answered that it could not: 500, 503. Worth another attempt."""
    THROTTLED = "throttled"
    """429, or the gateway's APIGW.0308: too fast."""
    LOST = "lost"
    """Sent, and no usable answer: time-out, reset, cut body, 502, 504. The change may have happened."""
    REJECTED = "rejected"
    """The service understood and said no: 400, 403 on one task, 409. Another attempt would not help."""
    GONE = "gone"
    """The task no longer exists."""
    RENEWED = "renewed"
    """Credentials were refused and have been renewed since: worth the same request once more, free of charge."""
    DENIED = "denied"
    """401, or 403 on the list: credentials refused or a permission missing. Ends the run."""
    PROTOCOL = "protocol"
    """It answered, but not like DCS: redirect, HTML, another service's 404. Ends the run."""
    CONFIG = "config"
    """TLS verification or proxy settings fail. Ends the run."""


class Failure(Struct, frozen=True, kw_only=True):
    """Why a request did not succeed."""

    kind: FailureKind
    message: str
    """For people: what was asked of what, and what came back. Never a secret, header value or raw body."""
    hint: str | None = None
    """The next step to take, where there is one."""
    http_status: int | None = None
    error_code: str | None = None
    request_id: str | None = None
    retry_after_s: float | None = None
    """What the server asked to wait, in seconds; None if it did not say so in a valid form."""
    limit: Rate | None = None
    """The rate limit that the gateway's text named ("limit:60,time:1 minute"), if it named one."""
    duration_s: float = 0.0


class Reply(Struct, Generic[T], frozen=True, kw_only=True):
    """A request that succeeded."""

    value: T
    http_status: int
    request_id: str | None = None
    duration_s: float = 0.0


class Page(Struct, frozen=True, kw_only=True):
    """One page of ListMigrationTask."""

    tasks: tuple[Task, ...]
    count: int | None
    """The answer's ``count`` if it is a whole number, else None. Whether it is the total is undocumented."""
