"""What a policy's day budgets leave after what earlier runs sent."""

from collections.abc import Iterator, Mapping

from msgspec.structs import replace

from enforcer.core.admission import budget
from enforcer.core.text.endpoint import canonical
from enforcer.model.allowance import Allowance, Known
from enforcer.model.history import History
from enforcer.model.policy import Policy, Target
from enforcer.model.task import ResumeMode


def allowances(histories: Mapping[Known, History], policy: Policy | None) -> tuple[Allowance, ...]:
    """Return one entry for each direction of each place; with a *policy*, of its targets only, if it names any.

    A target is known by the names that runs gave it, or by its project.
    """
    found = [each for known, history in histories.items() for each in _of(known, history, policy)]
    if policy is None or not policy.targets:
        return tuple(found)
    return tuple(each for target in policy.targets for each in _of_target(target, histories, policy))


def _of_target(target: Target, histories: Mapping[Known, History], policy: Policy) -> Iterator[Allowance]:
    places = [known for known in histories if _is_meant(target, known)]
    for known in places:
        yield from _of(replace(known, names=(target.name,)), histories[known], policy)
    if not places:
        yield from _of(Known(endpoint="", project_id="", names=(target.name,)), History(), policy)


def _is_meant(target: Target, known: Known) -> bool:
    if target.endpoint and canonical(target.endpoint) != known.endpoint:
        return False
    return target.project_id == known.project_id if target.project_id else target.name in known.names


def _of(known: Known, history: History, policy: Policy | None) -> Iterator[Allowance]:
    for direction in (ResumeMode.AUTO, ResumeMode.MANUAL):
        spent = [each.frees_at for each in history.spent if each.direction is direction]
        per_day = None if policy is None else budget.of(policy.limits, direction).per_day
        yield Allowance(
            target=known.names[0],
            endpoint=known.endpoint or None,
            project_id=known.project_id or None,
            direction=direction,
            sent=len(spent),
            per_day=per_day,
            left=None if per_day is None else max(0, per_day - len(spent)),
            frees_at=min(spent, default=None),
            all_free_at=max(spent, default=None),
        )
