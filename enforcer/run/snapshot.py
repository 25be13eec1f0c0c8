"""What the changes of an apply rest on: a list, read again when it is old, which costs less than to ask one by one."""

import asyncio
from collections.abc import Iterator, Mapping
from operator import length_hint
from typing import Final

from enforcer.model.answer import Failure
from enforcer.model.plan import Change
from enforcer.model.task import ResumeMode
from enforcer.run.observe import inventory
from enforcer.run.site import Site
from enforcer.run.stopping import Interrupted

SNAPSHOT_S: Final = 120.0
"""A task observed longer ago than that is looked at again before its PUT: a person may have changed it since."""

WORTH: Final = 100
"""A list of at most so many tasks for each change that is still to come is read again: with a thousand tasks a page,
one that turns out to be longer has cost a tenth of what looking at each costs."""


class Snapshot:
    """What was seen of the tasks of those changes that *pending* has still to give, first at the loop's *listed_at*."""

    def __init__(self, site: Site, pending: Iterator[Change], listed_at: float) -> None:
        self._site = site
        self._pending = pending
        self._now = asyncio.get_running_loop().time
        self._planned_from = self._listed_at = listed_at
        self._seen: Mapping[str, ResumeMode | None] | None = None
        """The modes in the last list; None: it is the one that the plan rests on."""
        self._turn = asyncio.Lock()
        self._is_worth_it = True

    @property
    def is_as_planned(self) -> bool:
        """Whether the list that the plan rests on is fresh."""
        return self._now() - self._planned_from <= SNAPSHOT_S

    async def mode(self, task_id: str) -> ResumeMode | None:
        """Return the mode of a task in a fresh list; None: there is none in it, so the task has to be looked up."""
        if self._is_old:
            async with self._turn:
                if self._is_old and self._is_worth_it:
                    await self._list()
        return None if self._is_old or self._seen is None else self._seen.get(task_id)

    @property
    def _is_old(self) -> bool:
        return self._now() - self._listed_at > SNAPSHOT_S

    async def _list(self) -> None:
        """List again; if nothing comes of it, do so no more."""
        self._is_worth_it = False
        began = self._now()
        most = WORTH * length_hint(self._pending)
        if not most:
            return
        try:
            listed = await inventory(
                self._site, needs_mode=lambda _: False, read_back=True, most=most, ask=self._site.api.list_modes
            )
        except Interrupted:
            return
        if isinstance(listed, Failure) or not listed.stable or self._now() - began > SNAPSHOT_S:
            return
        self._seen = {task.task_id: task.resume_mode for task in listed.tasks if task.defect is None}
        self._listed_at = began
        self._is_worth_it = True
