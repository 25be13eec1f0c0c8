"""What can happen to a run as a whole, while it goes on and when a later one finds it."""

from typing import ClassVar, TypeAlias

from msgspec import Struct

from enforcer.model.target import TargetRef


class RunStarted(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "run.started"
    run_id: str
    command: str
    version: str
    host: str
    user: str
    pid: int
    policy_name: str
    policy_files: tuple[str, ...]
    policy_sha256: str
    policy_path: str
    """The file or folder that was given, absolute: with it and the targets, a later run needs no POLICY."""
    targets: tuple[TargetRef, ...]
    only: tuple[str, ...] = ()
    """The ``--only`` patterns; empty: all tasks."""
    flags: tuple[tuple[str, ...], ...] = ()
    """The other flags of the command line that the next command has to say again, each with its values; no secret."""
    deadline_s: float | None = None
    parent_run: str | None = None
    """The run that this one finishes or reverses."""
    shard: str | None = None
    """``0/3``: which part of a run it is; None: it is whole."""


class RunStopped(Struct, frozen=True, kw_only=True):
    """No further request is started, for the reason given. What is in flight is finished."""

    kind: ClassVar[str] = "run.stopped"
    exit_code: int
    message: str
    hint: str | None = None
    target: str | None = None
    """The one target that stops; None: all of them."""


class HistoryPruned(Struct, frozen=True, kw_only=True):
    """The records of earlier runs of the policy were deleted, since it keeps them no longer."""

    kind: ClassVar[str] = "history.pruned"
    runs: int
    keep_days: int


class PruningFailed(Struct, frozen=True, kw_only=True):
    """Records that the policy keeps no longer could not be deleted; the next run tries again."""

    kind: ClassVar[str] = "pruning.failed"
    message: str


class RunFinished(Struct, frozen=True, kw_only=True):
    kind: ClassVar[str] = "run.finished"
    exit_code: int
    exit_name: str
    unsettled: int = 0
    """Changes that were sent, and that no read has settled: unknown, or only accepted."""
    changed: int = 0
    """Changes that the API took and that no read contradicts."""
    failed: int = 0
    """Changes that failed, were read back otherwise, or of which nothing tells whether they happened."""


class NotificationSent(Struct, frozen=True, kw_only=True):
    """After the end of the run: people were told of it."""

    kind: ClassVar[str] = "notification.sent"
    services: tuple[str, ...]
    """Which took the message, by their kinds."""


class NotificationFailed(Struct, frozen=True, kw_only=True):
    """After the end of the run: people could not be told of it through a service, or through any."""

    kind: ClassVar[str] = "notification.failed"
    service: str | None
    """None: not one could be tried."""
    message: str
    hint: str | None = None


class MetricsSent(Struct, frozen=True, kw_only=True):
    """After the end of the run: its metrics were taken."""

    kind: ClassVar[str] = "metrics.sent"
    receiver: str
    """Its kind, like ``Pushgateway``; never a part of its address."""


class MetricsLost(Struct, frozen=True, kw_only=True):
    """After the end of the run: its metrics were not taken, or nobody knows."""

    kind: ClassVar[str] = "metrics.lost"
    receiver: str
    message: str


class RunInterrupted(Struct, frozen=True, kw_only=True):
    """In the record of a run that died: a later run found it so."""

    kind: ClassVar[str] = "run.interrupted"
    by_run: str


class RunSettled(Struct, frozen=True, kw_only=True):
    """In the record of an earlier run: every change that it left open has been read since."""

    kind: ClassVar[str] = "run.settled"
    by_run: str


class RunRecovered(Struct, frozen=True, kw_only=True):
    """In the record of the run that found an earlier one with changes left open, or dead: what reading showed."""

    kind: ClassVar[str] = "run.recovered"
    target: str
    earlier_run: str
    died: bool
    verified: int
    not_applied: int
    mismatched: int
    gone: int
    still_open: int
    """Too recent to be called not applied, or not legible: a later run reads them."""
    not_attempted: int


OfRun: TypeAlias = (
    RunStarted
    | RunStopped
    | HistoryPruned
    | PruningFailed
    | RunFinished
    | NotificationSent
    | NotificationFailed
    | MetricsSent
    | MetricsLost
    | RunInterrupted
    | RunSettled
    | RunRecovered
)
