"""Two versions of a policy, decided over the same tasks: what the edit moves, and what drifts anyway."""

from collections.abc import Iterable
from datetime import datetime

from enforcer.core.authoring.trial import decider
from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.model.impact import Impact, Move
from enforcer.model.plan import Ground
from enforcer.model.task import Task


def impact(
    tasks: Iterable[Task],
    old: tuple[CompiledPolicy, CompiledOverrides],
    new: tuple[CompiledPolicy, CompiledOverrides],
    now: datetime,
) -> Impact:
    """Return what changes for *tasks* when *new* takes the place of *old*, both decided at *now*, an aware time."""
    moves = [Move(task=task, before=decide(task, *old, now), after=decide(task, *new, now)) for task in tasks]
    same = [each for each in moves if not each.is_of_mode]
    return Impact(
        tasks=len(moves),
        moved=tuple(each for each in moves if each.is_of_mode),
        drifting=tuple(each for each in same if each.drifts),
        unmatched=tuple(
            each for each in moves if each.before.ground is Ground.RULE and each.after.ground is Ground.DEFAULT
        ),
        rerouted=tuple(each for each in same if decider(each.before) != decider(each.after)),
    )
