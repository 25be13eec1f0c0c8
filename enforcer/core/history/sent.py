"""What a run's events say of its changes to one target, for the runs that come after it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from enforcer.core.admission.fights import is_asked_by_name
from enforcer.core.fold.task_tally import ChangeEvent, TaskTally
from enforcer.model.event import ChangeAttempted, ChangePlanned, Entry
from enforcer.model.history import Setting, Spent
from enforcer.model.report.task import State

_MAY_HAVE_HAPPENED = frozenset({State.VERIFIED, State.ACKED, State.MISMATCH, State.UNKNOWN})
"""What counts as spent: all but what is known not to have happened."""


_SET = frozenset({State.VERIFIED, State.ACKED})


@dataclass(slots=True)
class _Sent:
    tally: TaskTally
    at: float | None = None


def spent(entries: Iterable[Entry], target: str) -> Iterator[Spent]:
    """Yield each change of *target* that was sent and may have taken effect, as the *entries* of one run tell."""
    for sent in _sent(entries, target).values():
        # A change that was recalled did take effect, whatever became of its way back.
        if sent.at is not None and (sent.tally.is_recalled or sent.tally.state in _MAY_HAVE_HAPPENED):
            planned = sent.tally.planned
            yield Spent(task_id=planned.task_id, direction=planned.desired, at=sent.at)


def settings(entries: Iterable[Entry], target: str) -> Iterator[Setting]:
    """Yield each change of *target* that was made and kept, as the *entries* of one run tell."""
    for sent in _sent(entries, target).values():
        planned = sent.tally.planned
        if sent.at is not None and sent.tally.state in _SET:
            yield Setting(
                task_id=planned.task_id,
                mode=planned.desired,
                at=sent.at,
                by_name=is_asked_by_name(planned.rule),
            )


def _sent(entries: Iterable[Entry], target: str) -> dict[str, _Sent]:
    found: dict[str, _Sent] = {}
    for entry in entries:
        event = entry.event
        if isinstance(event, ChangePlanned):
            if event.target == target:
                found.setdefault(event.task_id, _Sent(TaskTally(planned=event)))
        elif isinstance(event, ChangeEvent) and event.target == target and event.task_id in found:
            sent = found[event.task_id]
            sent.tally.take(event, entry.at)
            if isinstance(event, ChangeAttempted):
                sent.at = entry.at if sent.at is None else max(sent.at, entry.at)
    return found
