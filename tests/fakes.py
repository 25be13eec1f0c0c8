"""Fakes that stand behind the ports: an API in memory, a journal in memory, no waiting."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from msgspec.structs import replace

from enforcer.core.overrides.compiled import NO_OVERRIDES, CompiledOverrides
from enforcer.errors import JournalError
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.event import Entry, Event, RunSettled, RunStarted, RunStopped, TargetRef
from enforcer.model.history import History
from enforcer.model.task import ResumeMode, Task
from enforcer.ports import TaskApi
from enforcer.run.clock import utc_now
from enforcer.run.recording import Memory, Recorder
from enforcer.run.site import Conduct, Site
from enforcer.run.stopping import Stop


def only_modes(answer: Reply[Page] | Failure) -> Reply[Page] | Failure:
    """Return what `TaskApi.list_modes` tells where `TaskApi.list_page` tells *answer*."""
    if isinstance(answer, Failure):
        return answer
    bare = [
        Task(target=task.target, task_id=task.task_id, resume_mode=task.resume_mode, defect=task.defect)
        for task in answer.value.tasks
    ]
    return replace(answer, value=replace(answer.value, tasks=tuple(bare)))


@dataclass
class FakeApi:
    """A task API in memory. *script* gives, for a task id, the failures that come before the first success."""

    tasks: dict[str, Task]
    script: dict[str, list[Failure | Exception]] = field(default_factory=dict)
    page_size: int = 1000
    applies: bool = True
    """Whether a PUT that is taken shows in later reads."""
    before_put: Callable[[str], None] = lambda _task_id: None
    puts: list[tuple[str, ResumeMode]] = field(default_factory=list)
    calls: Counter[str] = field(default_factory=Counter)
    in_flight: int = 0
    peak_in_flight: int = 0
    skew_s: float | None = None
    expires_at: float | None = None
    is_hushed: bool = False
    latency_s: float = 0.0
    """How long a PUT waits for its answer."""

    @classmethod
    def of(cls, tasks: Iterable[Task], **details) -> Self:
        return cls(tasks={task.task_id: task for task in tasks}, **details)

    def hush(self) -> None:
        self.is_hushed = True

    async def list_page(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        self.calls["list"] += 1
        if failure := self._scripted("list"):
            return failure
        rows = tuple(self.tasks.values())[offset : offset + min(limit, self.page_size)]
        return Reply(value=Page(tasks=rows, count=len(self.tasks)), http_status=200)

    async def list_modes(self, *, offset: int, limit: int) -> Reply[Page] | Failure:
        return only_modes(await self.list_page(offset=offset, limit=limit))

    async def show(self, task_id: str) -> Reply[Task] | Failure:
        self.calls["show"] += 1
        if failure := self._scripted(f"show {task_id}"):
            return failure
        if task_id not in self.tasks:
            return a_failure(FailureKind.GONE)
        task = self.tasks[task_id]
        return Reply(value=replace(task, resume_mode=task.resume_mode or ResumeMode.AUTO), http_status=200)

    async def set_mode(self, task_id: str, mode: ResumeMode) -> Reply[None] | Failure:
        self.before_put(task_id)
        self.puts.append((task_id, mode))
        self.in_flight += 1
        self.peak_in_flight = max(self.peak_in_flight, self.in_flight)
        await asyncio.sleep(self.latency_s)
        self.in_flight -= 1
        if failure := self._scripted(task_id):
            if failure.kind is FailureKind.LOST and failure.message == "applied":
                self._set(task_id, mode)
            return failure
        self._set(task_id, mode)
        return Reply(value=None, http_status=200, request_id="r-1", duration_s=self.latency_s)

    def _scripted(self, call: str) -> Failure | None:
        """Return the next failure of *call*, or raise it if the script has an exception there."""
        following = self.script.get(call)
        failure = following.pop(0) if following else None
        if isinstance(failure, Exception):
            raise failure
        return failure

    def _set(self, task_id: str, mode: ResumeMode) -> None:
        if self.applies and task_id in self.tasks:
            self.tasks[task_id] = replace(self.tasks[task_id], resume_mode=mode)


class FakeThrottle:
    """Counts permits and never waits."""

    def __init__(self, stop: Stop, *, is_unlimited: bool) -> None:
        self.permits = 0
        self.is_unlimited = is_unlimited
        self._stop = stop

    async def permit(self, ready: Callable[[], Awaitable[object]] | None = None) -> float | None:
        if ready is not None and not self._stop.is_set:
            await ready()
        if self._stop.is_set:
            return None
        self.permits += 1
        await asyncio.sleep(0)
        return float(self.permits)

    def heard(self, started: float, answer: object) -> None:
        self.permits -= answer is None
        if isinstance(answer, Failure) and answer.kind is FailureKind.THROTTLED:
            self.is_unlimited = False


class BrokenJournal(Memory):
    """A journal on a disk that fills up after *good* flushes."""

    def __init__(self, good: int) -> None:
        super().__init__()
        self._good = good

    async def flushed(self, number: int | None = None) -> None:
        self._good -= 1
        if self._good < 0:
            raise JournalError("the journal cannot be written: no space left on device")


def a_failure(kind: FailureKind, message: str = "it failed", **details) -> Failure:
    return Failure(kind=kind, message=message, **details)


def a_site(
    api: TaskApi, notes: "Notebook", *, name: str = "prod", concurrency: int = 4, is_unlimited: bool = False
) -> Site:
    ref = TargetRef(
        name=name,
        region="eu-west-101",
        endpoint="https://dcs.example.com",
        project_id="0" * 32,
        rate_per_s=5.0,
        rate="5/s",
        concurrency=concurrency,
    )
    stop = notes.conduct.stop.child()
    return Site(
        ref=ref, api=api, throttle=FakeThrottle(stop, is_unlimited=is_unlimited), conduct=notes.conduct, stop=stop
    )


class Notebook:
    """A conduct over a journal in memory, and what it recorded."""

    def __init__(
        self,
        journal: Memory | None = None,
        *,
        settle_s: float = 0,
        objection: Callable[[], RunStopped | None] = lambda: None,
        history: Callable[[TargetRef], History] = lambda _: History(),
        clock: Callable[[], float] = lambda: 0.0,
        now: Callable[[], datetime] = utc_now,
        overrides: Callable[[], CompiledOverrides] = lambda: NO_OVERRIDES,
    ) -> None:
        self.memory = journal or Memory()
        self.stop = Stop()
        self.recorder = Recorder(self.memory, (), clock)
        self.conduct = Conduct(
            recorder=self.recorder,
            stop=self.stop,
            jitter=lambda: 0.0,
            settle_s=settle_s,
            objection=objection,
            now=now,
            history=history,
            overrides=overrides,
        )

    @property
    def events(self) -> list[Event]:
        return [entry.event for entry in self.memory.entries]

    @property
    def stopped_with(self) -> int | None:
        return None if self.stop.cause is None else self.stop.cause.exit_code

    def of(self, kind: type) -> list:
        return [event for event in self.events if isinstance(event, kind)]


class FakeRecords:
    """Earlier runs in memory."""

    def __init__(self, *runs: Sequence[Entry]) -> None:
        self.runs = {_run_id(run): list(run) for run in runs}

    def unsettled(self) -> list[Iterator[Entry]]:
        return [
            iter(run) for run in self.runs.values() if not any(isinstance(entry.event, RunSettled) for entry in run)
        ]

    def append(self, run_id: str, at: float, events: Sequence[Event]) -> None:
        run = self.runs[run_id]
        run += [Entry(seq=len(run) + number, at=at, event=event) for number, event in enumerate(events, start=1)]

    def of(self, run_id: str) -> list[Event]:
        return [entry.event for entry in self.runs[run_id]]


def _run_id(run: Sequence[Entry]) -> str:
    started = run[0].event
    assert isinstance(started, RunStarted)
    return started.run_id
