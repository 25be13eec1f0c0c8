"""One change from its first attempt to its last event: intent, PUT, answer, and what is done about the answer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, TypeAlias

from msgspec.structs import replace

from enforcer.core.pacing.retry import PUT_ATTEMPTS, Tries
from enforcer.errors import JournalError
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import (
    AttemptFailed,
    ChangeAcked,
    ChangeAttempted,
    ChangeDeferred,
    ChangeFailed,
    ChangeGone,
    ChangeLost,
    ChangeSkipped,
    ChangeVerified,
    ChangeWithdrawn,
)
from enforcer.model.plan import Change, Condition
from enforcer.model.task import ResumeMode, Task
from enforcer.run.reading import read
from enforcer.run.site import FATAL, Site
from enforcer.run.snapshot import Snapshot
from enforcer.run.stopping import Interrupted

AMBIGUOUS: Final = frozenset({FailureKind.LOST, FailureKind.TRANSIENT})
"""Answers after which an earlier lost PUT may still turn out to have been taken."""


@dataclass(slots=True)
class Sent:
    """What came of the changes: those that a read has to settle, and those that did not happen."""

    acked: list[Change] = field(default_factory=list)
    lost: list[Change] = field(default_factory=list)
    failed: list[Change] = field(default_factory=list)

    @property
    def unsettled(self) -> tuple[Change, ...]:
        return (*self.acked, *self.lost)

    def add(self, other: "Sent") -> None:
        """Take in what came of more changes."""
        self.acked += other.acked
        self.lost += other.lost
        self.failed += other.failed


Hold: TypeAlias = Callable[[Change], str | None]
"""Says why a change may not be sent now; None if it may. It is asked right before every PUT."""


@dataclass(slots=True)
class Sending:
    """What the stories of one apply share."""

    site: Site
    hold: Hold
    snapshot: Snapshot
    sent: Sent = field(default_factory=Sent)
    answer_s: float = 0.0
    """How long the last change that was taken waited for its answer, in seconds."""


class Story:
    """One change from its first attempt to its last event."""

    def __init__(self, sending: Sending, change: Change) -> None:
        self.change = change
        self._sending = sending
        self._site = sending.site
        self._held: str | None = None
        """What the PUT was held for, when it was about to leave."""
        self._emit = sending.site.conduct.recorder.emit
        self._target = sending.site.ref.name
        self._task_id = change.task.task_id
        self._attempt = 0
        self._intent: int | None = None
        """The number of the intent on record, for a request that has not left or one whose answer is to be acted on."""
        self._may_have_happened = False

    def record_ahead(self) -> None:
        """Record the intent ahead of its turn, without waiting, if nothing has to be looked up before or holds it."""
        if self.change.condition is None and self._sending.snapshot.is_as_planned and not self._may_be_held():
            self._intend()

    async def tell(self) -> None:
        """Send the change, again where that helps, and record what comes of it.

        Raises JournalError, with nothing more sent, if an intent cannot be recorded.
        """
        if not await self._may_go():
            return
        answer = await self._site.send(self._put, intent=self)
        if isinstance(answer, Reply):
            self._acked(answer)
        elif answer is not None:
            await self._insist(answer)
        elif self._held is not None:
            self._defer(self._held)

    async def _insist(self, failure: Failure) -> None:
        """Send the change again after *failure*, as long as that helps, and record what comes of it."""
        tries = Tries(PUT_ATTEMPTS, self._site.budget)
        while not await self._was_taken_after_all(failure):
            self._intent = None
            wait = tries.wait_after(failure, self._site.conduct.jitter())
            if wait is None:
                self._settle(failure)
                return
            self._retried(failure, wait)
            await self._site.stop.sleep(wait)
            answer = await self._site.send(self._put, intent=self)
            if isinstance(answer, Reply):
                self._acked(answer)
                return
            if answer is None:
                self._settle(failure)
                return
            failure = answer

    def _may_be_held(self) -> bool:
        try:
            return self._sending.hold(self.change) is not None
        except Exception:  # noqa: BLE001 - it is asked again at its turn, where a bug fails one change only
            return True

    def _defer(self, reason: str) -> None:
        self._emit(ChangeDeferred(target=self._target, task_id=self._task_id, reason=reason))

    async def record(self) -> None:
        """Return when the intent is durable. Raises JournalError, with it withdrawn, if it cannot be."""
        intent = self._intend() if self._intent is None else self._intent
        try:
            await self._site.conduct.recorder.durable(intent)
        except JournalError as broken:
            self.withdraw(broken.message)
            raise

    def _intend(self) -> int:
        self._attempt += 1
        self._intent = self._emit(ChangeAttempted(target=self._target, task_id=self._task_id, attempt=self._attempt))
        return self._intent

    def withdraw(self, why: str) -> None:
        """Record that of an intent, if there is one, nothing came, and *why*."""
        if self._intent is None:
            return
        message = f"nothing was sent: {why}"
        self._emit(ChangeWithdrawn(target=self._target, task_id=self._task_id, attempt=self._attempt, message=message))
        self._intent = None
        self._attempt -= 1

    def _put(self) -> Awaitable[Reply[None] | Failure] | None:
        """Return the request for what is on record, to be awaited at once; None, with that withdrawn, if it is held.

        Raises JournalError, with it withdrawn, if it cannot be told whether it is held.
        """
        try:
            self._held = self._sending.hold(self.change)
        except JournalError as broken:
            self.withdraw(broken.message)
            raise
        if self._held is not None:
            self.withdraw(self._held)
            return None
        return self._site.api.set_mode(self._task_id, self.change.desired)

    async def _may_go(self) -> bool:
        """Look at the task again if something has to hold of it, or if its row is old; record what keeps it back."""
        snapshot = self._sending.snapshot
        if self._intent is not None:  # recorded ahead, when nothing kept it back; what holds it is asked before the PUT
            if snapshot.is_as_planned:
                return True
            self.withdraw("its task is looked at again first")
        held = self._sending.hold(self.change)
        if held is not None:
            self._defer(held)
            return False
        condition = self.change.condition
        if condition is not None:
            return await self._meets(condition)
        return snapshot.is_as_planned or await self._still_as_planned()

    async def _meets(self, condition: Condition) -> bool:
        """Whether *condition* holds of the task as it is now; a task that cannot be looked up does not meet it."""
        seen, change = await self._details(), self.change
        if seen is None:
            return False
        if isinstance(seen, Failure):
            if seen.kind is FailureKind.GONE:
                self._emit(ChangeGone(**self._facts(seen)))
            else:
                self._skip(f"it could not be looked up just before its change: {seen.message}")
            return False
        if seen.resume_mode is change.desired:
            self._emit(ChangeVerified(target=self._target, task_id=self._task_id, observed=change.desired))
            return False
        # What the details leave out is as it was listed.
        now = replace(
            change.task, resume_mode=seen.resume_mode, status=seen.status or change.task.status, defect=seen.defect
        )
        broken = condition.broken(change, now)
        if broken is not None:
            self._skip(broken)
        return broken is None

    def _skip(self, reason: str) -> None:
        self._emit(ChangeSkipped(target=self._target, task_id=self._task_id, reason=reason))

    async def _still_as_planned(self) -> bool:
        """Look at the task as listed since, or by itself; if it needs no change any more, or is gone, record that."""
        seen = await self._sending.snapshot.mode(self._task_id) or await self._look()
        if isinstance(seen, Failure):
            if seen.kind is FailureKind.GONE:
                self._emit(ChangeGone(**self._facts(seen)))
            return seen.kind is not FailureKind.GONE
        if seen is self.change.desired:
            self._emit(ChangeVerified(target=self._target, task_id=self._task_id, observed=seen))
        return seen is not self.change.desired

    async def _was_taken_after_all(self, failure: Failure) -> bool:
        """After an answer that leaves it open whether the PUT was taken, ask; return whether that ends the story."""
        self._may_have_happened |= failure.kind is FailureKind.LOST
        if not (self._may_have_happened and failure.kind in AMBIGUOUS):
            return False
        seen = await self._look()
        if seen is self.change.desired:
            self._acked(Reply(value=None, http_status=200, request_id=failure.request_id), by_read_back=True)
            return True
        if seen is self.change.task.resume_mode:
            return False
        # It cannot be read, or shows neither mode: sending again would be a guess.
        self._settle(seen if isinstance(seen, Failure) and seen.kind is FailureKind.GONE else failure)
        return True

    async def _look(self) -> ResumeMode | Failure | None:
        """Return the task's mode as it is now, None if it is none or a stop came first."""
        seen = await self._details()
        return seen.resume_mode if isinstance(seen, Task) else seen

    async def _details(self) -> Task | Failure | None:
        """Return the task as it is now, None if a stop came first."""
        try:
            show = partial(self._site.api.show, self._task_id)
            answer = await read(self._site, "show", show, task_id=self._task_id)
        except Interrupted:
            return None
        return answer if isinstance(answer, Failure) else answer.value

    def _acked(self, reply: Reply[None], *, by_read_back: bool = False) -> None:
        if not by_read_back:
            self._sending.answer_s = reply.duration_s
        self._site.refusals.succeeded()
        self._sending.sent.acked.append(self.change)
        self._emit(
            ChangeAcked(
                target=self._target,
                task_id=self._task_id,
                attempt=self._attempt,
                http_status=reply.http_status,
                request_id=reply.request_id,
                duration_ms=_ms(reply.duration_s),
                by_read_back=by_read_back,
            )
        )

    def _retried(self, failure: Failure, wait: float) -> None:
        self._emit(
            AttemptFailed(
                **self._facts(failure),
                attempt=self._attempt,
                failure=failure.kind,
                wait_s=round(wait, 3),
                duration_ms=_ms(failure.duration_s),
            )
        )

    def _settle(self, failure: Failure) -> None:
        """Record how the change ends, after its last attempt ended in *failure*."""
        facts = self._facts(failure)
        if failure.kind is FailureKind.GONE:
            self._emit(ChangeGone(**facts))
        elif self._may_have_happened:
            self._sending.sent.lost.append(self.change)
            self._emit(ChangeLost(**facts, duration_ms=_ms(failure.duration_s)))
        else:
            self._sending.sent.failed.append(self.change)
            self._emit(ChangeFailed(**facts, failure=failure.kind, duration_ms=_ms(failure.duration_s)))
        if failure.kind in FATAL:
            self._site.stop_for(failure)
        elif failure.kind is FailureKind.REJECTED:
            self._site.change_was_refused(failure)

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
    """Return milliseconds, to a tenth; to whole numbers a float is rounded without being written as text."""
    return round(seconds * 10_000) / 10
