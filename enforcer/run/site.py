"""What the stages of a run share: a target with its API and its rate, and how the run is conducted."""

from collections.abc import Callable
from dataclasses import dataclass, field

from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind
from enforcer.model.event import RunStopped, TargetRef
from enforcer.ports import TaskApi, Throttle
from enforcer.run.recording import Recorder
from enforcer.run.stopping import Stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """One target, connected."""

    ref: TargetRef
    api: TaskApi
    throttle: Throttle


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduct:
    """How a run is carried out, whatever the target."""

    recorder: Recorder
    stop: Stop
    jitter: Callable[[], float]
    """Chance, from 0 up to but not including 1."""
    settle_s: float
    """How long the read-back waits for the API to show a change, in seconds."""
    bugs: list[Exception] = field(default_factory=list)
    """Exceptions that nobody expected, in the order in which they came; each failed one task only."""


FATAL: dict[FailureKind, ExitCode] = {
    FailureKind.DENIED: ExitCode.DENIED,
    FailureKind.PROTOCOL: ExitCode.PROTOCOL,
    FailureKind.CONFIG: ExitCode.CONFIG,
}
"""Failures that say nothing of a task and everything of the endpoint or the credentials."""


def exit_code_of(failure: Failure) -> ExitCode:
    """Return what a run ends with if *failure* keeps it from reading a target."""
    return FATAL.get(failure.kind, ExitCode.UNAVAILABLE)


def stop_for(failure: Failure) -> RunStopped:
    """Return the cause of a stop for a fatal *failure*."""
    return RunStopped(exit_code=FATAL[failure.kind], message=failure.message, hint=failure.hint)
