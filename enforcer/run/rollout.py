"""Send a target's changes: those to manual at once, those to auto in waves, each watched before the next one begins.

`run.apply` sends, and knows nothing of waves; `core.rollout.waves` sorts; `core.rollout.health` judges.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from msgspec.structs import replace

from enforcer.core.rollout import health
from enforcer.core.rollout.health import Health
from enforcer.core.rollout.waves import route
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure
from enforcer.model.event import (
    BakeStarted,
    ChangeRated,
    ChangeRecalled,
    RolloutPlanned,
    RunStopped,
    WaveJudged,
    WaveStarted,
)
from enforcer.model.plan import Change
from enforcer.model.rollout import OnFail, Rollout
from enforcer.model.route import Rated, Route
from enforcer.model.task import Inventory, ResumeMode, Task
from enforcer.run import observe
from enforcer.run.apply import apply
from enforcer.run.read_back import read_back, settle_shown
from enforcer.run.site import FATAL, Site
from enforcer.run.story import Hold, Sent


async def plan(site: Site, changes: Sequence[Change], inventory: Inventory, wanted: Rollout) -> Route:
    """Return the way of *changes*, which may all be sent, and record it.

    Bandwidth limits stand in the details only, so the tasks that are to go to auto are looked up, each with one
    request. One that cannot be looked up has an unknown limit. Raises Interrupted when a stop is asked for, also by
    what the look-up met.
    """
    asked = [each for each in changes if each.desired is ResumeMode.AUTO and each.task.bandwidth_limit_mb is None]
    told = await observe.details(site, [each.task for each in asked])
    if isinstance(told, Failure):
        site.stop_for(told)
    site.stop.raise_if_set()
    known = {} if isinstance(told, Failure) else told
    way = route(
        site.ref.name, [_with_limit(each, known.get(each.task.task_id)) for each in changes], inventory.tasks, wanted
    )
    if way.waves:
        _record(site, way, shows=len(asked), bake_s=wanted.bake_s)
    return way


def _with_limit(change: Change, told: Task | Failure | None) -> Change:
    if not isinstance(told, Task):
        return change
    return replace(change, task=replace(change.task, bandwidth_limit_mb=told.bandwidth_limit_mb))


def _record(site: Site, way: Route, *, shows: int, bake_s: int) -> None:
    emit = site.conduct.recorder.emit
    emit(RolloutPlanned(target=way.target, waves=tuple(map(len, way.waves)), shows=shows, bake_s=bake_s))
    for number, wave in enumerate(way.waves, start=1):
        for each in wave:
            emit(
                ChangeRated(
                    target=way.target,
                    task_id=each.change.task.task_id,
                    wave=number,
                    risk=each.risk,
                    reasons=each.reasons,
                )
            )


async def send(site: Site, way: Route, wanted: Rollout, *, listed_at: float, hold: Hold) -> None:
    """Send the changes of *way* and read them back; after a wave whose gate fails, none of a later wave.

    *listed_at* is the loop's time at which their tasks were observed; *hold* is asked before every PUT, but not on a
    way back. Raises Interrupted when a stop is asked for, JournalError when the journal fails.
    """
    sent = await apply(site, way.first, listed_at=listed_at, hold=hold)
    last_seen: Mapping[str, Task] = {}
    for number, rated in enumerate(way.waves, start=1):
        site.stop.raise_if_set()
        place = {"target": site.ref.name, "wave": number, "waves": len(way.waves)}
        wave = _Wave(site, wanted, place, changes=_changes(rated), earlier=sent, last_seen=last_seen)
        objections = await wave.run(listed_at, hold)
        sent.add(wave.sent)
        if objections:
            await read_back(site, sent)
            site.halt(_cause(way, number, objections, wanted.on_fail))
            return
        last_seen = wave.last_seen
    site.stop.raise_if_set()
    await read_back(site, sent)


def _changes(rated: Sequence[Rated]) -> tuple[Change, ...]:
    return tuple(each.change for each in rated)


def _cause(way: Route, number: int, objections: Sequence[str], on_fail: OnFail) -> RunStopped:
    """Return the stop after the gate of wave *number* failed: partial only if nothing was held or set back by it."""
    is_set_back = on_fail is OnFail.REVERT_WAVE
    holds = number < len(way.waves) or is_set_back
    # A way back repairs what this run did, so nothing holds it; who reads of it should know.
    back = (
        "What that wave changed is set back at once, whatever freeze windows and overrides say. " if is_set_back else ""
    )
    return RunStopped(
        exit_code=ExitCode.ABORTED if holds else ExitCode.PARTIAL,
        target=way.target,
        message=f"the gate of wave {number} of {len(way.waves)} failed: {'; '.join(objections)}",
        hint=f"{back}Look at the tasks of that wave. When they are well, run the same command again: it does the rest.",
    )


class _Seen(Struct, frozen=True, kw_only=True):
    """What watching a wave came to."""

    health: Health
    objections: tuple[str, ...]
    seconds: float


class _Wave:
    """One wave, from its first request to its gate, and back if need be."""

    def __init__(
        self,
        site: Site,
        wanted: Rollout,
        place: dict[str, Any],
        *,
        changes: Sequence[Change],
        earlier: Sent,
        last_seen: Mapping[str, Task],
    ) -> None:
        self._site = site
        self._emit = site.conduct.recorder.emit
        self._wanted = wanted
        self._place = place
        self._changes = changes
        self._earlier = earlier
        self.last_seen = last_seen
        """The target's tasks by id, as the last look showed them."""
        self.sent = Sent()
        """What a read has still to settle, and what failed."""

    async def run(self, listed_at: float, hold: Hold) -> tuple[str, ...]:
        """Send, watch and judge; return what the gate objects to. Raises Interrupted when a stop is asked for."""
        before = {each.task.task_id: self.last_seen.get(each.task.task_id, each.task) for each in self._changes}
        self._emit(WaveStarted(**self._place, changes=len(self._changes)))
        self.sent = await apply(self._site, self._changes, listed_at=listed_at, hold=hold)
        self._site.stop.raise_if_set()
        taken = self.sent.unsettled
        call_errors = len(self.sent.failed) + len(self.sent.lost)
        seen = await self._watch([before[each.task.task_id] for each in taken], call_errors)
        self._emit(
            WaveJudged(
                **self._place,
                passed=not seen.objections,
                full_sync=len(seen.health.full_sync),
                failed=len(seen.health.failed),
                unreadable=len(seen.health.unreadable),
                call_errors=call_errors,
                reasons=seen.objections,
                watched_s=round(seen.seconds, 1),
            )
        )
        if seen.objections and self._wanted.on_fail is OnFail.REVERT_WAVE:
            await self._set_back(taken)
        return seen.objections

    async def _watch(self, before: Sequence[Task], call_errors: int) -> _Seen:
        """Look at the tasks until the bake is over or the gate objects; the last look is at the end of the bake."""
        self._emit(BakeStarted(**self._place, bake_s=self._wanted.bake_s))
        loop, stop = asyncio.get_running_loop(), self._site.stop
        began = loop.time()
        until = began + self._wanted.bake_s
        found = Health()
        while True:
            is_last = loop.time() >= until
            if before:
                found = health.look(found, before, await self._look())
            objections = health.objections(found, call_errors, self._wanted.gate)
            if objections or is_last or not before:
                return _Seen(health=found, objections=objections, seconds=loop.time() - began)
            await stop.sleep(min(self._wanted.poll_s, until - loop.time()))
            stop.raise_if_set()

    async def _look(self) -> Mapping[str, Task] | None:
        """List the target; None if that failed. What shows as desired is verified by it."""
        listed = await observe.inventory(self._site, needs_mode=lambda _: False, read_back=True)
        if isinstance(listed, Failure):
            if listed.kind in FATAL:
                self._site.stop_for(listed)
            return None
        self.last_seen = {task.task_id: task for task in listed.tasks}
        for sent in (self._earlier, self.sent):
            settle_shown(self._site.conduct, sent, self.last_seen)
        return self.last_seen

    async def _set_back(self, taken: Sequence[Change]) -> None:
        """Send every change that was *taken*, or may have been, the other way."""
        back = [_reversed(change) for change in taken]
        for change in back:
            self._emit(
                ChangeRecalled(
                    target=change.task.target,
                    task_id=change.task.task_id,
                    desired=change.desired,
                    wave=self._place["wave"],
                )
            )
        now = asyncio.get_running_loop().time()
        self.sent = await apply(self._site, back, listed_at=now, hold=_hold_nothing)


def _hold_nothing(_change: Change) -> None:
    """Harm that this run did is undone at any time."""


def _reversed(change: Change) -> Change:
    """Return the way back of a *change* to auto."""
    at = replace(change.task, resume_mode=change.desired)
    return replace(change, task=at, desired=ResumeMode.MANUAL, condition=None)
