"""Read the inventory of a target: every page, each task once, and the mode of tasks whose row leaves it out."""

import asyncio
import math
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import count
from typing import Final, TypeVar

from msgspec.structs import replace

from enforcer.core.pacing.retry import LIST_ATTEMPTS, Tries
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.event import InventoryListed, RequestRetried
from enforcer.model.task import Inventory, Task
from enforcer.run.site import FATAL, Site
from enforcer.run.stopping import Interrupted

PAGE_SIZE: Final = 1000
"""The largest that ListMigrationTask allows; its own default is 10."""

MAX_PAGES: Final = 2000
SCANS: Final = 3
"""How often a list that changes while it is read is read at most."""

_TWICE: Final = "it is listed twice, with different values"
"""Neither row is believed: not even that the mode is as it should be."""

T = TypeVar("T")


async def inventory(
    site: Site,
    *,
    needs_mode: Callable[[Task], bool],
    read_back: bool,
    most: int | None = None,
    keep: Callable[[Task], Task] = lambda task: task,
) -> Inventory | Failure:
    """List *site* and return its tasks, or the failure that kept it from being listed whole.

    A row without a mode is looked up with the details call if *needs_mode* says that the mode matters.
    With more than *most* tasks, what was read up to there comes back, and nothing is looked up.
    *keep* says what of each task is kept, and with that what has to be the same where one is listed twice.
    *read_back* goes into the event. Raises Interrupted when a stop is asked for meanwhile.
    """
    began = asyncio.get_running_loop().time()
    limit = math.inf if most is None else most
    rows = await _list(site, limit, keep)
    if isinstance(rows, Failure):
        return rows
    is_whole = len(rows.by_id) <= limit
    missing = [task for task in rows.tasks() if _mode_is_missing(task) and needs_mode(task)] if is_whole else []
    failure = await _look_up(site, rows, missing)
    if failure is not None:
        return failure
    found = Inventory(
        target=site.ref.name,
        tasks=rows.tasks(),
        count=rows.counts[-1] if rows.counts else None,
        pages=len(rows.page_sizes),
        shows=len(missing),
        stable=is_whole and rows.is_stable(),
    )
    site.conduct.recorder.emit(
        InventoryListed(
            target=found.target,
            tasks=len(found.tasks),
            count=found.count,
            pages=found.pages,
            shows=found.shows,
            stable=found.stable,
            read_back=read_back,
            duration_ms=round((asyncio.get_running_loop().time() - began) * 1000, 1),
        )
    )
    return found


async def read(
    site: Site, call: str, request: Callable[[], Awaitable[Reply[T] | Failure]], *, task_id: str | None = None
) -> Reply[T] | Failure:
    """Send *request*, again while that is worth it. Raises Interrupted when a stop is asked for.

    *call* and *task_id*, of the one task that it is about, are for the record.
    """
    tries = Tries(LIST_ATTEMPTS, site.budget)
    for attempt in count(1):
        async with site.stop.interrupts():
            answer = await site.send(request)
        if answer is None:
            raise Interrupted
        if isinstance(answer, Reply):
            return answer
        wait = tries.wait_after(answer, site.conduct.jitter())
        if wait is None:
            return answer
        site.conduct.recorder.emit(_retried(site, call, attempt, answer, wait, task_id=task_id))
        await site.stop.sleep(wait)
    raise AssertionError("count() never ends")


def _retried(
    site: Site, call: str, attempt: int, failure: Failure, wait: float, *, task_id: str | None
) -> RequestRetried:
    return RequestRetried(
        target=site.ref.name,
        call=call,
        attempt=attempt,
        failure=failure.kind,
        message=failure.message,
        wait_s=round(wait, 3),
        http_status=failure.http_status,
        error_code=failure.error_code,
        request_id=failure.request_id,
        task_id=task_id,
    )


def _mode_is_missing(task: Task) -> bool:
    return task.resume_mode is None and task.defect is None


@dataclass(slots=True)
class _Rows:
    """What the pages of one scan have in them, each id once."""

    keep: Callable[[Task], Task]
    by_id: dict[str, Task] = field(default_factory=dict)
    counts: list[int] = field(default_factory=list)
    page_sizes: list[int] = field(default_factory=list)
    last_id: str | None = None
    """Of the last row read, which the next page has to begin with."""
    has_moved: bool = False
    """Whether a page did not begin with the row that the one before ended with, or an id came twice."""

    def tasks(self) -> tuple[Task, ...]:
        return tuple(self.by_id.values())

    def add(self, page: Page) -> int:
        """Take in *page* and return how many tasks in it are new."""
        known = len(self.by_id)
        rows = page.tasks
        self.page_sizes.append(len(rows))
        if page.count is not None:
            self.counts.append(page.count)
        if rows and self.last_id is not None:
            self.has_moved |= rows[0].task_id != self.last_id
            rows = rows[1:] if rows[0].task_id == self.last_id else rows
        for task in map(self.keep, rows):
            earlier = self.by_id.setdefault(task.task_id, task)
            self.has_moved |= earlier is not task
            if earlier != task and earlier.defect is None:
                self.by_id[task.task_id] = replace(task, resume_mode=None, defect=_TWICE)
        self.last_id = page.tasks[-1].task_id if page.tasks else self.last_id
        return len(self.by_id) - known

    def is_stable(self) -> bool:
        """Whether nothing moved, and ``count``, be it of all tasks or of the page, agrees with the rows."""
        total_agrees = all(count == len(self.by_id) for count in self.counts)
        return not self.has_moved and (total_agrees or self.counts == self.page_sizes)


async def _list(site: Site, most: float, keep: Callable[[Task], Task]) -> _Rows | Failure:
    """Scan the list until a scan is stable, at most SCANS times; the last scan counts, stable or not."""
    for _ in range(SCANS):
        rows = await _scan(site, most, keep)
        if isinstance(rows, Failure) or rows.is_stable() or len(rows.by_id) > most:
            break
    return rows


async def _scan(site: Site, most: float, keep: Callable[[Task], Task]) -> _Rows | Failure:
    """Read every page once, or until there are more than *most* tasks.

    Each page begins with the last row of the one before, so that a shift between them shows.
    """
    rows = _Rows(keep)
    offset = 0
    while True:
        answer = await read(site, "list", partial(site.api.list_page, offset=offset, limit=PAGE_SIZE))
        if isinstance(answer, Failure):
            return answer
        page = answer.value
        fresh = rows.add(page)
        read_so_far = offset + len(page.tasks)
        if _is_last(page, read_so_far, fresh) or len(rows.by_id) > most:
            return rows
        if not fresh or len(rows.page_sizes) >= MAX_PAGES:
            return _endless(site, offset, rows)
        offset = max(read_so_far - 1, offset + 1)


def _is_last(page: Page, read_so_far: int, fresh: int) -> bool:
    """Whether the list ends with *page*: it has nothing but the overlap, or is short where no more is promised.

    A short page alone is no end: the server may cap the page size.
    """
    if len(page.tasks) <= 1 and not fresh:
        return True
    return len(page.tasks) < PAGE_SIZE and read_so_far >= (page.count or 0)


def _endless(site: Site, offset: int, rows: _Rows) -> Failure:
    return Failure(
        kind=FailureKind.PROTOCOL,
        message=f"the list of {site.ref.name} does not end: the page at offset {offset} repeats tasks of earlier "
        f"pages ({len(rows.by_id)} tasks on {len(rows.page_sizes)} pages so far)",
    )


async def details(site: Site, tasks: Iterable[Task]) -> dict[str, Task | Failure] | Failure:
    """Return the details of each of *tasks* by its id, or the first failure that is not one task's own.

    Raises Interrupted when a stop is asked for.
    """
    pending = iter(tasks)
    found: dict[str, Task | Failure] = {}
    fatal: list[Failure] = []

    async def worker() -> None:
        for task in pending:
            if fatal:
                return
            answer = await read(site, "show", partial(site.api.show, task.task_id), task_id=task.task_id)
            if isinstance(answer, Failure) and answer.kind in FATAL:
                fatal.append(answer)
                return
            found[task.task_id] = answer if isinstance(answer, Failure) else answer.value

    await _side_by_side(worker, site.ref.concurrency)
    return fatal[0] if fatal else found


async def _look_up(site: Site, rows: _Rows, missing: Sequence[Task]) -> Failure | None:
    """Fill in the modes of *missing* by the details call; return the first failure that is not one task's own."""
    found = await details(site, missing)
    if isinstance(found, Failure):
        return found
    for task in missing:
        rows.by_id[task.task_id] = _with_details(task, found[task.task_id])
    return None


def _with_details(task: Task, told: Task | Failure) -> Task:
    if isinstance(told, Failure):
        return replace(task, defect=f"its resume_mode could not be read: {told.message}")
    return replace(
        task,
        resume_mode=told.resume_mode,
        status=told.status or task.status,
        bandwidth_limit_mb=told.bandwidth_limit_mb,
        defect=told.defect,
    )


async def _side_by_side(worker: Callable[[], Awaitable[None]], workers: int) -> None:
    """Run *workers* of them to their ends, then raise what the first of them raised, if any did."""
    results = await asyncio.gather(*(worker() for _ in range(workers)), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
