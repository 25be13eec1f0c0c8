"""What a plan has to say of overrides, as events. Pure."""

from collections.abc import Iterator
from datetime import datetime

from enforcer.core.text.moment import time_text
from enforcer.model.event import OverrideFacts, OverrideHonoured, OverrideReleased, OverridesConflicted
from enforcer.model.override import Override
from enforcer.model.plan import Plan


def override_events(plan: Plan) -> Iterator[OverrideHonoured | OverrideReleased | OverridesConflicted]:
    """Yield what is to be recorded of the overrides that *plan* met."""
    found = plan.overrides
    if found.at is None:
        return
    for held in found.held:
        yield OverrideHonoured(target=plan.target, override=_facts(held.override, found.at), tasks=held.tasks)
    for released in found.released:
        yield OverrideReleased(
            target=plan.target, override=_facts(released.override, found.at), task_ids=released.task_ids
        )
    for conflict in found.conflicts:
        yield OverridesConflicted(
            target=plan.target,
            override_ids=tuple(each.id for each in conflict.overrides),
            mode=conflict.overrides[0].mode,
            tasks=conflict.tasks,
        )


def _facts(override: Override, now: datetime) -> OverrideFacts:
    is_over = not override.is_in_force(now)
    was_ended = override.ended_at is not None and override.ended_at <= override.expires
    return OverrideFacts(
        id=override.id,
        mode=override.mode,
        patterns=override.patterns,
        targets=override.targets,
        reason=override.reason,
        ticket=override.ticket,
        owner=override.owner,
        created=time_text(override.created),
        expires=time_text(override.expires),
        left_s=0.0 if is_over else round((override.ends - now).total_seconds(), 3),
        origin=None if override.origin is None else str(override.origin),
        ended_at=time_text(override.ends) if is_over else None,
        ended_by=override.ended_by if is_over and was_ended else None,
    )
