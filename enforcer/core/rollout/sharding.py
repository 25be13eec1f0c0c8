"""One run carried out by several jobs: how much of its pace each has, which targets, and which part of its plan.

Every shard lists every target and judges the whole plan, so that guards say what they would say to one run. Then it
takes the targets that are its own, each whole: its lock, its waves, their gates and its breaker are in one hand.
"""

import re
from collections.abc import Collection, Hashable, Sequence
from typing import Final

from msgspec.structs import replace

from enforcer.core.admission.guards import Verdict
from enforcer.core.admission.holds import Hold
from enforcer.model.limits import Rate
from enforcer.model.plan import Left, OverridesFound, Plan
from enforcer.model.policy import Policy
from enforcer.model.shard import Shard

MOST: Final = 256
"""As many as a target may have requests in flight: of those, each shard has at least one."""
OTHERS: Final = "of another shard"

_SHARD: Final = re.compile(r"([0-9]{1,3})/([0-9]{1,3})", re.ASCII)


def parse_shard(text: str) -> Shard:
    """Return the shard that *text* spells; raise ValueError("what is wrong; what was expected")."""
    found = _SHARD.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no shard; expected I/N, like 0/3 for the first of three")
    number, of = map(int, found.groups())
    if not 1 <= of <= MOST:
        raise ValueError(f"{text!r} is no shard; expected I/N with N from 1 to {MOST}")
    if number >= of:
        raise ValueError(f"there is no shard {text!r}; expected I from 0 to {of - 1}, as they are counted from 0")
    return Shard(number=number, of=of)


def paced(policy: Policy, shard: Shard) -> Policy:
    """Return *policy* with the share of *shard* in every rate and in the requests in flight.

    Those of all shards together come to what one run may do, in every window of a rate: its starts are dealt out, and
    its window stays. Raises ValueError("what is wrong; what was expected") if there is less than one start, or one
    request in flight, for each.
    """
    limits = policy.limits
    if shard.of > limits.concurrency:
        raise ValueError(
            f"limits.concurrency {limits.concurrency} cannot be divided by {shard.of}; expected no more shards"
        )
    counts = not policy.targets or any(target.rate is None for target in policy.targets)
    return replace(
        policy,
        limits=replace(
            limits,
            rate=_rate("limits.rate", limits.rate, shard) if counts else limits.rate,
            concurrency=_share(limits.concurrency, shard),
        ),
        targets=tuple(
            replace(target, rate=_rate(f"the rate of {target.name},", target.rate, shard)) for target in policy.targets
        ),
    )


def _rate(name: str, rate: Rate | None, shard: Shard) -> Rate | None:
    if rate is None or shard.of == 1:
        return rate
    if shard.of > rate.count:
        raise ValueError(
            f"{name} {rate.text} cannot be divided by {shard.of}; expected no more shards than starts. The same rate "
            "over a longer time has more of them: 60/m for 1/s"
        )
    return Rate(count=_share(rate.count, shard), period=rate.period, text=f"{rate.text} by {shard.of} shards")


def _share(number: int, shard: Shard) -> int:
    """Return how many of *number* are the shard's; the first ones have what is left over."""
    return number // shard.of + (shard.number < number % shard.of)


def others(projects: Sequence[Hashable], shard: Shard) -> tuple[bool, ...]:
    """Return of each of *projects*, one for each target, whether it is another shard's.

    They are dealt out in their order, and what is the same project goes to the same shard, since it has one lock.
    Raises ValueError("what is wrong; what was expected") if there are fewer than shards.
    """
    places = {project: number for number, project in enumerate(dict.fromkeys(projects))}
    if shard.of > len(places):
        targets = "1 target" if len(places) == 1 else f"{len(places)} targets"
        raise ValueError(
            f"{targets} cannot be divided by {shard.of}, as each is taken whole; expected no more shards than targets"
        )
    return tuple(places[project] % shard.of != shard.number for project in projects)


def own_plan(plan: Plan, others: Collection[str]) -> Plan:
    """Return *plan* as a shard carries it out: of a target among *others*, every change is left alone."""
    if plan.target not in others:
        return plan
    left = tuple(Left(task=change.task, reason=OTHERS) for change in plan.changes)
    return replace(plan, changes=(), left=(*plan.left, *left), overrides=OverridesFound(), withheld=(), contradicted=())


def own_verdict(verdict: Verdict, others: Collection[str]) -> Verdict:
    """Return *verdict*, which is of the whole plan, as far as it tells a shard what to do.

    Refusals and what is used of the budgets are those of the whole.
    """
    if not others:
        return verdict
    return replace(
        verdict,
        plans=tuple(own_plan(plan, others) for plan in verdict.plans),
        deferred=_own(verdict.deferred, others),
        flagged=_own(verdict.flagged, others),
        contested=tuple(each for each in verdict.contested if each.target not in others),
        accepted=tuple(each for each in verdict.accepted if each.target not in others),
    )


def _own(holds: Sequence[Hold], others: Collection[str]) -> tuple[Hold, ...]:
    return tuple(hold for hold in holds if hold.change.task.target not in others)
