"""Send the changes of a plan: a fixed number of workers over one iterator, each change a small story of events.

A worker never raises for the sake of one task, since that would cancel its neighbours' PUTs in flight.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from structlog.contextvars import bound_contextvars

from enforcer.core.retry import PUT_ATTEMPTS, wait_before_next
from enforcer.errors import ExitCode, JournalError
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeFailed,
    ChangeGone,
    ChangeLost,
    RunStopped,
)
from enforcer.model.plan import Change
from enforcer.run.site import FATAL, Conduct, Site, stop_for


@dataclass(slots=True)
class Sent:
    """The changes that a read has to settle."""

    acked: list[Change] = field(default_factory=list)
    lost: list[Change] = field(default_factory=list)


async def apply(site: Site, conduct: Conduct, changes: Sequence[Change]) -> Sent:
    """Send *changes* in their order and return those that need reading back.

    Ends early, with the rest not attempted, when a stop is asked for. Raises JournalError when the journal
    cannot record an intent: then nothing more is sent.
    """
    sent = Sent()
    pending = iter(changes)
    workers = min(site.ref.concurrency, len(changes))
    # gather, not a TaskGroup: a group would cancel the other workers' requests in flight for one worker's bug.
    results = await asyncio.gather(
        *(_worker(site, conduct, pending, sent) for _ in range(workers)), return_exceptions=True
    )
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return sent


async def _worker(site: Site, conduct: Conduct, pending: Iterator[Change], sent: Sent) -> None:
    for change in pending:
        if conduct.stop.is_set:
            return
        with bound_contextvars(**_context(change)):
            try:
                await _Story(site, conduct, change, sent).tell()
            except JournalError as broken:
                conduct.stop.ask(RunStopped(exit_code=ExitCode.IO, message=broken.message, hint=broken.hint))
                raise
            except Exception as bug:  # noqa: BLE001 - one task's bug must not end the others' requests
                _record_bug(conduct, change, bug)


def _context(change: Change) -> dict[str, Any]:
    """Return what every log line about *change* should have."""
    task = change.task
    return {
        "target": task.target,
        "task_id": task.task_id,
        "task_name": task.task_name,
        "before": task.resume_mode,
        "desired": change.desired,
        "rule": "default" if change.rule is None else change.rule.id,
    }


def _record_bug(conduct: Conduct, change: Change, bug: Exception) -> None:
    conduct.bugs.append(bug)
    conduct.recorder.emit(
        ChangeFailed(
            target=change.task.target,
            task_id=change.task.task_id,
            failure="internal",
            message=f"a bug in enforcer: {type(bug).__name__}",
        )
    )


class _Story:
    """One change from its first attempt to its last event."""

    def __init__(self, site: Site, conduct: Conduct, change: Change, sent: Sent) -> None:
        self._site = site
        self._conduct = conduct
        self._change = change
        self._sent = sent
        self._emit = conduct.recorder.emit
        self._target = site.ref.name
        self._task_id = change.task.task_id
        self._may_have_happened = False

    async def tell(self) -> None:
        attempt = 0
        last: Failure | None = None
        while True:
            await self._site.throttle.permit()
            if self._conduct.stop.is_set:
                if last is not None:
                    self._settle(last)
                return
            attempt += 1
            answer = await self._attempt(attempt)
            if isinstance(answer, Reply):
                self._acked(attempt, answer)
                return
            last = answer
            self._may_have_happened |= answer.kind is FailureKind.LOST
            wait = wait_before_next(answer, attempt, PUT_ATTEMPTS, self._conduct.jitter())
            if wait is None:
                self._settle(answer)
                return
            self._retried(attempt, answer, wait)
            await self._conduct.stop.sleep(wait)

    async def _attempt(self, attempt: int) -> Reply[None] | Failure:
        self._emit(ChangeAttempted(target=self._target, task_id=self._task_id, attempt=attempt))
        await self._conduct.recorder.durable()
        return await self._site.api.set_mode(self._task_id, self._change.desired)

    def _acked(self, attempt: int, reply: Reply[None]) -> None:
        self._sent.acked.append(self._change)
        self._emit(
            ChangeAcked(
                target=self._target,
                task_id=self._task_id,
                attempt=attempt,
                http_status=reply.http_status,
                request_id=reply.request_id,
                duration_ms=_ms(reply.duration_s),
            )
        )

    def _retried(self, attempt: int, failure: Failure, wait: float) -> None:
        self._emit(
            AttemptFailed(
                **self._facts(failure),
                attempt=attempt,
                failure=failure.kind,
                wait_s=round(wait, 3),
                duration_ms=_ms(failure.duration_s),
            )
        )

    def _settle(self, failure: Failure) -> None:
        """Record how the change ends, after its last attempt ended in *failure*."""
        if failure.kind in FATAL:
            self._conduct.stop.ask(stop_for(failure))
        facts = self._facts(failure)
        if failure.kind is FailureKind.GONE:
            self._emit(ChangeGone(**facts))
        elif self._may_have_happened:
            self._sent.lost.append(self._change)
            self._emit(ChangeLost(**facts, duration_ms=_ms(failure.duration_s)))
        else:
            self._emit(ChangeFailed(**facts, failure=failure.kind, duration_ms=_ms(failure.duration_s)))

    def _facts(self, failure: Failure) -> dict[str, Any]:
        return {
            "target": self._target,
            "task_id": self._task_id,
            "message": failure.message,
            "http_status": failure.http_status,
            "error_code": failure.error_code,
            "request_id": failure.request_id,
        }


def _ms(seconds: float) -> float:
    return round(seconds * 1000, 1)
