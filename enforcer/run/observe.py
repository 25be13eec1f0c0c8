"""Read the inventory of a target: every page, each task once, and the mode of tasks whose row leaves it out."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final, TypeVar

from enforcer.core.retry import LIST_ATTEMPTS, wait_before_next
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.event import InventoryListed, RequestRetried
from enforcer.model.task import Inventory, Task
from enforcer.run.site import FATAL, Conduct, Site

PAGE_SIZE: Final = 1000
"""The largest that ListMigrationTask allows; its own default is 10."""

MAX_PAGES: Final = 2000

T = TypeVar("T")


async def inventory(
    site: Site, conduct: Conduct, *, needs_mode: Callable[[Task], bool], read_back: bool
) -> Inventory | Failure:
    """List *site* and return its tasks, or the failure that kept it from being listed whole.

    A row without a mode is looked up with the details call if *needs_mode* says that the mode matters.
    *read_back* goes into the event. Raises Interrupted when a stop is asked for meanwhile.
    """
    began = asyncio.get_running_loop().time()
    rows = await _list(site, conduct)
    if isinstance(rows, Failure):
        return rows
    missing = [task for task in rows.tasks() if _mode_is_missing(task) and needs_mode(task)]
    failure = await _look_up(site, conduct, rows, missing)
    if failure is not None:
        return failure
    found = Inventory(
        target=site.ref.name,
        tasks=rows.tasks(),
        count=rows.counts[-1] if rows.counts else None,
        pages=rows.pages,
        shows=len(missing),
        stable=rows.is_stable(),
    )
    conduct.recorder.emit(
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
    site: Site, conduct: Conduct, call: str, request: Callable[[], Awaitable[Reply[T] | Failure]]
) -> Reply[T] | Failure:
    """Send *request*, again while that is worth it. Raises Interrupted when a stop is asked for."""
    attempt = 0
    while True:
        attempt += 1
        await site.throttle.permit()
        conduct.stop.raise_if_set()
        answer = await request()
        if isinstance(answer, Reply):
            return answer
        wait = wait_before_next(answer, attempt, LIST_ATTEMPTS, conduct.jitter())
        if wait is None:
            return answer
        conduct.recorder.emit(
            RequestRetried(
                target=site.ref.name,
                call=call,
                attempt=attempt,
                failure=answer.kind,
                message=answer.message,
                wait_s=round(wait, 3),
                http_status=answer.http_status,
                error_code=answer.error_code,
                request_id=answer.request_id,
            )
        )
        await conduct.stop.sleep(wait)


def _mode_is_missing(task: Task) -> bool:
    return task.resume_mode is None and task.defect is None


@dataclass(slots=True)
class _Rows:
    """What the pages so far have in them, each id once."""

    by_id: dict[str, Task] = field(default_factory=dict)
    pages: int = 0
    rows: int = 0
    counts: list[int] = field(default_factory=list)
    page_sizes: list[int] = field(default_factory=list)

    def tasks(self) -> tuple[Task, ...]:
        return tuple(self.by_id.values())

    def add(self, page: Page) -> int:
        """Take in *page* and return how many tasks in it are new."""
        known = len(self.by_id)
        for task in page.tasks:
            earlier = self.by_id.setdefault(task.task_id, task)
            if earlier != task and earlier.defect is None:
                self.by_id[task.task_id] = replace(task, defect="it is listed twice, with different values")
        self.pages += 1
        self.rows += len(page.tasks)
        if page.count is not None:
            self.counts.append(page.count)
            self.page_sizes.append(len(page.tasks))
        return len(self.by_id) - known

    def is_stable(self) -> bool:
        """Whether each id came once and `count`, be it of all tasks or of the page, agrees with the rows."""
        total_agrees = all(count == len(self.by_id) for count in self.counts)
        return self.rows == len(self.by_id) and (total_agrees or self.counts == self.page_sizes)


async def _list(site: Site, conduct: Conduct) -> _Rows | Failure:
    rows = _Rows()
    while True:
        offset = rows.rows
        answer = await read(site, conduct, "list", partial(site.api.list_page, offset=offset, limit=PAGE_SIZE))
        if isinstance(answer, Failure):
            return answer
        page = answer.value
        fresh = rows.add(page)
        # A short page ends the list only if `count` does not promise more: the server may cap the page size.
        if not page.tasks or (len(page.tasks) < PAGE_SIZE and rows.rows >= (page.count or 0)):
            return rows
        if not fresh or rows.pages >= MAX_PAGES:
            return Failure(
                kind=FailureKind.PROTOCOL,
                message=f"the list of {site.ref.name} does not end: the page at offset {offset} "
                f"repeats tasks of earlier pages ({len(rows.by_id)} tasks on {rows.pages} pages so far)",
            )


async def _look_up(site: Site, conduct: Conduct, rows: _Rows, missing: Iterable[Task]) -> Failure | None:
    """Fill in the modes of *missing* by the details call; return the first failure that is not one task's own."""
    pending = iter(missing)
    fatal: list[Failure] = []

    async def worker() -> None:
        for task in pending:
            if fatal:
                return
            answer = await read(site, conduct, "show", partial(site.api.show, task.task_id))
            if isinstance(answer, Failure) and answer.kind in FATAL:
                fatal.append(answer)
                return
            rows.by_id[task.task_id] = _with_details(task, answer)

    await _side_by_side(worker, site.ref.concurrency)
    return fatal[0] if fatal else None


def _with_details(task: Task, answer: Reply[Task] | Failure) -> Task:
    if isinstance(answer, Failure):
        return replace(task, defect=f"its resume_mode could not be read: {answer.message}")
    details = answer.value
    return replace(task, resume_mode=details.resume_mode, status=details.status or task.status, defect=details.defect)


async def _side_by_side(worker: Callable[[], Awaitable[None]], workers: int) -> None:
    """Run *workers* of them to their ends, then raise what the first of them raised, if any did."""
    results = await asyncio.gather(*(worker() for _ in range(workers)), return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
