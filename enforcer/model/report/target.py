"""What a report says of a target: its list, what it was asked, and how fast."""

from collections.abc import Iterable

from msgspec import Struct

from enforcer.model.event import LeftCount
from enforcer.model.report.task import TaskReport, WithheldReport


class Totals(Struct, frozen=True, kw_only=True):
    """``planned`` is the sum of the states; ``listed`` is ``in_sync + left + planned``."""

    listed: int = 0
    eligible: int = 0
    in_sync: int = 0
    left: int = 0
    planned: int = 0
    verified: int = 0
    acked: int = 0
    mismatch: int = 0
    failed: int = 0
    unknown: int = 0
    reverted: int = 0
    gone: int = 0
    skipped: int = 0
    deferred: int = 0
    not_attempted: int = 0


def in_all(several: Iterable[Totals]) -> Totals:
    """Return the sums of *several*."""
    all_of_them = tuple(several)
    return Totals(**{name: sum(getattr(totals, name) for totals in all_of_them) for name in Totals.__struct_fields__})


class InventoryReport(Struct, frozen=True, kw_only=True):
    count: int | None
    stable: bool
    pages: int
    baseline: int | None
    """Tasks in the last good run before; None: there was none."""


class Requests(Struct, frozen=True, kw_only=True):
    """Requests started, retries included; *throttled* counts the answers that said "slow down"."""

    list: int = 0
    show: int = 0
    put: int = 0
    retries: int = 0
    throttled: int = 0


class RateReport(Struct, frozen=True, kw_only=True):
    """PUTs started per second; None where it means nothing (unlimited, or fewer than two)."""

    asked_per_s: float | None
    effective_per_s: float | None
    learned: str | None = None
    """The limit that the gateway named, if it named one."""


class Latency(Struct, frozen=True, kw_only=True):
    """Of PUTs that were answered, in milliseconds; None without any."""

    p50: float | None
    p95: float | None
    p99: float | None


class Bin(Struct, frozen=True, kw_only=True):
    """What fell into one stretch of time."""

    puts: int
    """Started."""
    throttled: int
    """Answers that said "slow down"."""
    paused_s: float
    """How long no request was let through because of such answers."""
    latency_ms: Latency


class Timeline(Struct, frozen=True, kw_only=True):
    """The requests of a target over time, in bins of *bin_s* seconds, without gaps."""

    begins_s: float
    """From the start of the run to that of the first bin."""
    bin_s: float
    bins: tuple[Bin, ...]


class TargetReport(Struct, frozen=True, kw_only=True):
    name: str
    region: str | None
    endpoint: str
    project_id: str
    inventory: InventoryReport | None
    """None: it could not be listed."""
    totals: Totals
    left: tuple[LeftCount, ...]
    requests: Requests
    rate: RateReport
    latency_ms: Latency
    tasks: tuple[TaskReport, ...]
    """The planned changes, in plan order."""
    withheld: tuple[WithheldReport, ...] = ()
    """Of a run that finishes or reverses an earlier one: that one's tasks that are not changed, and why."""
    clock_skew_s: float | None = None
    """How far this machine's clock was ahead of the target's when that was last told; None: within a minute."""
    credentials_expire_at: str | None = None
    """RFC 3339, UTC, milliseconds: the end of those that were accepted last; None: no end of them is known."""
    timeline: Timeline | None
    """None: no PUT was started."""
