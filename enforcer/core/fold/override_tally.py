"""What overrides meant to a run, all its targets together. Lives for one fold only."""

from typing import Final

from msgspec import Struct, field

from enforcer.model.event import OverrideHonoured, OverrideReleased
from enforcer.model.report.override import EndedOverride, OverrideReport, OverridesReport

SOON_S: Final = 24 * 3600
"""An override that ends within that time ends soon."""


class OverrideTally(Struct, kw_only=True):
    """The overrides by id, each counted over the targets."""

    _held: dict[str, tuple[OverrideHonoured, int]] = field(default_factory=dict)
    _released: dict[str, tuple[OverrideReleased, tuple[str, ...]]] = field(default_factory=dict)

    def take(self, event: OverrideHonoured | OverrideReleased) -> None:
        name = event.override.id
        if isinstance(event, OverrideHonoured):
            first, tasks = self._held.get(name, (event, 0))
            self._held[name] = first, tasks + event.tasks
        else:
            earliest, task_ids = self._released.get(name, (event, ()))
            self._released[name] = earliest, (*task_ids, *event.task_ids)

    def report(self) -> OverridesReport:
        return OverridesReport(
            in_force=tuple(_in_force(*each) for each in self._held.values()),
            ended=tuple(_ended(*each) for each in self._released.values()),
        )


def _in_force(event: OverrideHonoured, tasks: int) -> OverrideReport:
    facts = event.override
    return OverrideReport(
        id=facts.id,
        mode=facts.mode,
        patterns=facts.patterns,
        targets=facts.targets,
        reason=facts.reason,
        ticket=facts.ticket,
        owner=facts.owner,
        created=facts.created,
        expires=facts.expires,
        origin=facts.origin,
        tasks=tasks,
        left_s=facts.left_s,
        ends_within_24h=facts.left_s <= SOON_S,
    )


def _ended(event: OverrideReleased, task_ids: tuple[str, ...]) -> EndedOverride:
    facts = event.override
    return EndedOverride(
        id=facts.id,
        mode=facts.mode,
        reason=facts.reason,
        owner=facts.owner,
        ended_at=facts.ended_at or facts.expires,
        ended_by=facts.ended_by,
        task_ids=task_ids,
    )
