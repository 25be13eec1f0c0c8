"""Read the targets again after the last PUT: what the API took, does it show?"""

import asyncio
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Final

from msgspec.structs import replace

from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import ChangeFailed, ChangeGone, ChangeMismatched, ChangeVerified, TargetFailed
from enforcer.model.plan import Change
from enforcer.model.task import Task
from enforcer.run import observe
from enforcer.run.reading import read
from enforcer.run.site import Conduct, Site
from enforcer.run.story import Sent

FIRST_WAIT_S: Final = 1.0
"""The wait before the first look again; each next one is twice as long, until `Conduct.settle_s` is spent."""


def settle_shown(conduct: Conduct, sent: Sent, tasks: Mapping[str, Task]) -> None:
    """Record as verified what *tasks*, by id, show as desired, and take it out of *sent*."""
    for changes in (sent.acked, sent.lost):
        changes[:] = [change for change in changes if not _shows(conduct, change, tasks.get(change.task.task_id))]


async def read_back(site: Site, sent: Sent) -> None:
    """Settle every change of *sent* by reading: verified, mismatched, gone, or not applied.

    How soon a read shows a new mode is undocumented, so tasks that still show another one are looked at again
    for `Conduct.settle_s` seconds. If the list cannot be read, the changes stay as they are, and an event says so.
    Raises Interrupted when a stop is asked for.
    """
    awaited = {change.task.task_id: change for change in sent.unsettled}
    if not awaited:
        return
    conduct = site.conduct
    listed = await observe.inventory(
        site, needs_mode=lambda task: task.task_id in awaited, read_back=True, ask=site.api.list_modes
    )
    if isinstance(listed, Failure):
        conduct.recorder.emit(_unread(site, listed))
        return
    by_id = {task.task_id: task for task in listed.tasks}
    lost = {change.task.task_id for change in sent.lost}
    open_ones = [change for change in awaited.values() if not _shows(conduct, change, by_id.get(change.task.task_id))]
    for change, task in await _look_again(site, open_ones, by_id):
        _settle(conduct, change, task, is_lost=change.task.task_id in lost)


def _shows(conduct: Conduct, change: Change, task: Task | None) -> bool:
    """Record that *change* is verified if *task* shows so; return whether it is settled."""
    if task is None or task.resume_mode is not change.desired:
        return False
    conduct.recorder.emit(
        ChangeVerified(target=change.task.target, task_id=change.task.task_id, observed=change.desired)
    )
    return True


async def _look_again(
    site: Site, changes: Iterable[Change], by_id: dict[str, Task]
) -> list[tuple[Change, Task | None]]:
    """Return the changes that the API still does not show, each with its task as last seen (None: gone)."""
    unsettled = [(change, by_id.get(change.task.task_id)) for change in changes]
    loop = asyncio.get_running_loop()
    until = loop.time() + site.conduct.settle_s
    wait = FIRST_WAIT_S
    while unsettled and loop.time() + wait <= until:
        await site.stop.sleep(wait)
        wait *= 2
        seen = [(change, await _seen(site, change, task)) for change, task in unsettled]
        unsettled = [(change, task) for change, task in seen if not _shows(site.conduct, change, task)]
    return unsettled


async def _seen(site: Site, change: Change, last: Task | None) -> Task | None:
    task_id = change.task.task_id
    answer = await read(site, "show", partial(site.api.show, task_id), task_id=task_id)
    if isinstance(answer, Reply):
        return replace(change.task, resume_mode=answer.value.resume_mode)
    return None if answer.kind is FailureKind.GONE else last


def _settle(conduct: Conduct, change: Change, task: Task | None, *, is_lost: bool) -> None:
    target, task_id = change.task.target, change.task.task_id
    if task is None:
        conduct.recorder.emit(
            ChangeGone(target=target, task_id=task_id, message="it is no longer in the list of tasks")
        )
    elif is_lost and task.resume_mode is change.task.resume_mode:
        conduct.recorder.emit(
            ChangeFailed(
                target=target,
                task_id=task_id,
                failure="not_applied",
                message="no usable answer came, and the read-back shows that it was not applied",
            )
        )
    else:
        conduct.recorder.emit(ChangeMismatched(target=target, task_id=task_id, observed=task.resume_mode))


def _unread(site: Site, failure: Failure) -> TargetFailed:
    return TargetFailed(
        target=site.ref.name,
        exit_code=ExitCode.PARTIAL,
        message=f"the changes could not be read back: {failure.message}",
        hint=failure.hint or "Run the same command again: what is already right is not sent again.",
    )
