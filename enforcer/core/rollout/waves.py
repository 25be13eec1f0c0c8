"""Changes -> the way in which they are sent: to manual at once, to auto in waves."""

from collections.abc import Iterable
from itertools import pairwise

from enforcer.core.rollout.risk import Sharing, order, rate
from enforcer.model.plan import Change
from enforcer.model.rollout import Rollout, Share
from enforcer.model.route import Route
from enforcer.model.task import ResumeMode, Task


def route(target: str, changes: Iterable[Change], tasks: Iterable[Task], rollout: Rollout) -> Route:
    """Return the way of *changes*, all of one *target*; *tasks* is its whole inventory, which tells what they share.

    Each change is in it exactly once; those to manual keep their order.
    """
    asked = tuple(changes)
    sharing = Sharing(tasks)
    rated = sorted((rate(each, sharing) for each in asked if each.desired is ResumeMode.AUTO), key=order)
    return Route(
        target=target,
        first=tuple(each for each in asked if each.desired is not ResumeMode.AUTO),
        waves=tuple(tuple(rated[start:end]) for start, end in pairwise(steps(len(rated), rollout.waves))),
    )


def steps(total: int, shares: Iterable[Share]) -> tuple[int, ...]:
    """Return how many of *total* changes are made before the first wave, which is 0, and after each one.

    A share is cumulative; a percentage is rounded down, but to no less than one change. A wave that would go no
    further than the one before it is left out, and whatever the shares say, the last wave makes the rest.
    """
    made = [0]
    for reach in (*(_reach(share, total) for share in shares), total):
        if made[-1] < min(reach, total):
            made.append(min(reach, total))
    return tuple(made)


def _reach(share: Share, total: int) -> int:
    return max(1, total * share.number // 100) if share.is_percent else share.number
