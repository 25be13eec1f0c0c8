"""Read the inventory of a target: every page, each task once, and the mode of tasks whose row leaves it out."""

import asyncio
import math
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from msgspec.structs import replace

from enforcer.model.answer import Failure
from enforcer.model.event import InventoryListed
from enforcer.model.task import Inventory, Task
from enforcer.run.reading import read
from enforcer.run.scan import AskForPage, Rows, scan
from enforcer.run.site import FATAL, Site
from enforcer.run.together import side_by_side


async def inventory(
    site: Site,
    *,
    needs_mode: Callable[[Task], bool],
    read_back: bool,
    most: int | None = None,
    ask: AskForPage | None = None,
) -> Inventory | Failure:
    """List *site* and return its tasks, or the failure that kept it from being listed whole.

    A row without a mode is looked up with the details call if *needs_mode* says that the mode matters.
    With more than *most* tasks, what was read up to there comes back, and nothing is looked up.
    *ask* is the call of the site's API for a page, by default the one for whole rows: what it tells of a task has to be
    the same where one is listed twice.
    *read_back* goes into the event. Raises Interrupted when a stop is asked for meanwhile.
    """
    began = asyncio.get_running_loop().time()
    limit = math.inf if most is None else most
    rows = await scan(site, limit, ask or site.api.list_page)
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


def _mode_is_missing(task: Task) -> bool:
    return task.resume_mode is None and task.defect is None


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

    await side_by_side(worker() for _ in range(site.ref.concurrency))
    return fatal[0] if fatal else found


async def _look_up(site: Site, rows: Rows, missing: Sequence[Task]) -> Failure | None:
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
