"""Read the list of a target: every page, each task once, until it has held still for as long as that took."""

import asyncio
from collections.abc import Awaitable
from contextlib import aclosing
from functools import partial
from typing import Final, Protocol

from msgspec import Struct, field
from msgspec.structs import replace

from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.task import Task
from enforcer.run.reading import read
from enforcer.run.site import Site

PAGE_SIZE: Final = 1000
"""The largest that ListMigrationTask allows; its own default is 10."""

AHEAD: Final = 4
"""How many pages are on their way at a time, at most."""

MAX_PAGES: Final = 2000
SCANS: Final = 3
"""How often a list that changes while it is read is read at most."""

_TWICE: Final = "it is listed twice, with different values"
"""Neither row is believed: not even that the mode is as it should be."""


class AskForPage(Protocol):
    """`TaskApi.list_page`, or another that takes and gives the same."""

    def __call__(self, *, offset: int, limit: int) -> Awaitable[Reply[Page] | Failure]:
        """Ask for the rows from *offset* (0-based) on, at most *limit*."""
        ...


class Rows(Struct):
    """What the pages of one scan have in them, each id once."""

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
        for task in rows:
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


async def scan(site: Site, most: float, ask: AskForPage) -> Rows | Failure:
    """Read the list of *site* until it has held still, at most SCANS times; the last reading counts, stable or not.

    With more than *most* tasks it is read no further than that; *ask* is the call of the site's API for a page.
    Raises Interrupted when a stop is asked for.
    """
    for _ in range(SCANS):
        rows = await _once(site, most, ask)
        if isinstance(rows, Failure) or rows.is_stable() or len(rows.by_id) > most:
            break
    return rows


async def _once(site: Site, most: float, ask: AskForPage) -> Rows | Failure:
    """Read every page once, or until there are more than *most* tasks.

    Each page begins with the last row of the one before, so that a shift between them shows.
    """
    rows = Rows()
    offset = 0
    async with aclosing(_Pages(site, ask)) as pages:
        while True:
            answer = await pages.at(offset)
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
            if len(page.tasks) == PAGE_SIZE and page.count is not None:
                pages.expect(offset, min(page.count - 1, most))


class _Pages:
    """The pages of one reading by their offsets, of which some may be on their way before they are read.

    Each takes its turn to start as any other request does.
    """

    def __init__(self, site: Site, ask: AskForPage) -> None:
        self._site = site
        self._ask = ask
        self._room = min(AHEAD, site.ref.concurrency)
        self._coming: dict[int, asyncio.Task[Reply[Page] | Failure]] = {}

    async def at(self, offset: int) -> Reply[Page] | Failure:
        """Return the page at *offset*, or why there is none. Raises Interrupted when a stop is asked for."""
        coming = self._coming.pop(offset, None)
        return await (self._read(offset) if coming is None else coming)

    def expect(self, offset: int, before: float) -> None:
        """Ask for the pages from *offset* on that begin *before* that row, as many as there is room for."""
        step = PAGE_SIZE - 1
        for each in range(offset, offset + self._room * step, step):
            if each < before and each not in self._coming:
                self._coming[each] = asyncio.create_task(self._read(each))

    async def aclose(self) -> None:
        """Give up what is still on its way: nobody reads it."""
        for each in self._coming.values():
            each.cancel()
        await asyncio.gather(*self._coming.values(), return_exceptions=True)

    async def _read(self, offset: int) -> Reply[Page] | Failure:
        return await read(self._site, "list", partial(self._ask, offset=offset, limit=PAGE_SIZE))


def _is_last(page: Page, read_so_far: int, fresh: int) -> bool:
    """Whether the list ends with *page*: it has nothing but the overlap, or is short where no more is promised.

    A short page alone is no end: the server may cap the page size.
    """
    if len(page.tasks) <= 1 and not fresh:
        return True
    return len(page.tasks) < PAGE_SIZE and read_so_far >= (page.count or 0)


def _endless(site: Site, offset: int, rows: Rows) -> Failure:
    return Failure(
        kind=FailureKind.PROTOCOL,
        message=f"the list of {site.ref.name} does not end: the page at offset {offset} repeats tasks of earlier "
        f"pages ({len(rows.by_id)} tasks on {len(rows.page_sizes)} pages so far)",
    )
