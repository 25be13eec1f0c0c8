"""Settle what earlier runs left open, by the lists that this run reads anyway. Nothing is sent again to find out."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec import Struct, field

from enforcer.core.history.recovery import EarlierRun, OpenChange, Settlement, earlier_run, settlement
from enforcer.core.text.endpoint import canonical
from enforcer.model.answer import FailureKind, Reply
from enforcer.model.event import (
    ChangeFailed,
    ChangeGone,
    ChangeMismatched,
    ChangeVerified,
    Entry,
    Event,
    RunInterrupted,
    RunRecovered,
    RunSettled,
    TargetRef,
)
from enforcer.model.task import Inventory, Task
from enforcer.ports import Records
from enforcer.run.reading import read
from enforcer.run.site import Site


class Past:
    """What earlier runs left open at the targets of this one, the run *run_id*. *clock* gives Unix time in seconds."""

    def __init__(self, run_id: str, records: Records, clock: Callable[[], float]) -> None:
        self._run_id = run_id
        self._records = records
        self._clock = clock
        self._matters: dict[str, list[_Matter]] = {}

    def recall(self, targets: Iterable[TargetRef]) -> None:
        """Find the earlier runs that concern *targets*, and mark those as interrupted that died.

        The locks of *targets* must be held: then a run without an end is not under way. Raises JournalError.
        """
        here = {_place(target): target.name for target in targets}
        for entries in self._records.unsettled():
            earlier = earlier_run(entries)
            if earlier.run_id == self._run_id or not any(_place(target) in here for target in earlier.targets):
                continue
            if earlier.died and not earlier.is_marked:
                self._append(earlier.run_id, [RunInterrupted(by_run=self._run_id)])
            open_ones = _Open(list(earlier.open_changes))
            for target in earlier.targets:
                if _place(target) in here:
                    matter = _Matter(earlier=earlier, target=target.name, open_ones=open_ones)
                    self._matters.setdefault(here[_place(target)], []).append(matter)

    def concerns(self, task: Task) -> bool:
        """Return whether the mode of *task* settles something."""
        return any(change.task_id == task.task_id for matter in self._of(task.target) for change in matter.changes)

    async def settle(self, site: Site, inventory: Inventory) -> None:
        """Record in the earlier runs what *inventory* says of their open changes, and in this one that it did.

        A task that is not in the list is looked up before it is called gone. Raises JournalError, and Interrupted
        when a stop is asked for.
        """
        by_id = {task.task_id: task for task in inventory.tasks}
        for matter in self._of(site.ref.name):
            seen = [(change, await self._seen(site, change, by_id)) for change in matter.changes]
            found = [event for _, event in seen if event is not None]
            matter.open_ones.remove(change for change, event in seen if event is not None)
            # One commit: a record is never settled in half.
            ending: list[Event] = [] if matter.open_ones.changes else [RunSettled(by_run=self._run_id)]
            if found or ending:
                self._append(matter.earlier.run_id, [*found, *ending])
            site.conduct.recorder.emit(_recovered(site, matter, found))

    async def _seen(self, site: Site, change: OpenChange, by_id: dict[str, Task]) -> Settlement | None:
        task = by_id.get(change.task_id)
        if task is None:
            answer = await read(site, "show", partial(site.api.show, change.task_id), task_id=change.task_id)
            if isinstance(answer, Reply):
                task = answer.value
            elif answer.kind is not FailureKind.GONE:
                return None
        is_fresh = self._clock() - change.attempted_at < site.conduct.settle_s
        return settlement(change, task, is_fresh=is_fresh)

    def _append(self, run_id: str, events: Sequence[Event]) -> None:
        self._records.append(run_id, self._clock(), events)

    def _of(self, target: str) -> "Sequence[_Matter]":
        return self._matters.get(target, ())


class _NoRecords:
    """Nothing was ever recorded."""

    def unsettled(self) -> tuple[Iterable[Entry], ...]:
        return ()

    def append(self, run_id: str, at: float, events: Sequence[Event]) -> None:
        raise AssertionError(f"nothing is known of {run_id}, so {len(events)} events of {at} cannot be added to it")


NO_PAST = Past("", _NoRecords(), lambda: 0.0)
"""For a run that may not write, and so settles nothing."""


class _Open(Struct):
    """The open changes of one earlier run, those of all its targets together."""

    changes: list[OpenChange] = field(default_factory=list)

    def remove(self, settled: Iterable[OpenChange]) -> None:
        gone = set(settled)
        self.changes = [change for change in self.changes if change not in gone]


class _Matter(Struct, frozen=True, kw_only=True):
    """One earlier run at one target."""

    earlier: EarlierRun
    target: str
    """As the earlier run called it."""
    open_ones: _Open

    @property
    def changes(self) -> tuple[OpenChange, ...]:
        return tuple(change for change in self.open_ones.changes if change.target == self.target)


def _place(target: TargetRef) -> tuple[str, str]:
    return canonical(target.endpoint), target.project_id


def _recovered(site: Site, matter: _Matter, found: Sequence[Settlement]) -> RunRecovered:
    def count(kind: type[Settlement]) -> int:
        return sum(isinstance(event, kind) for event in found)

    return RunRecovered(
        target=site.ref.name,
        earlier_run=matter.earlier.run_id,
        died=matter.earlier.died,
        verified=count(ChangeVerified),
        not_applied=count(ChangeFailed),
        mismatched=count(ChangeMismatched),
        gone=count(ChangeGone),
        still_open=len(matter.changes),
        not_attempted=matter.earlier.not_attempted.get(matter.target, 0),
    )
