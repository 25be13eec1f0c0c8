"""Whether a saved plan says what one can say, and is recent enough to be carried out."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from enforcer.core.text.endpoint import TASK_ID_PATTERN, check_endpoint, check_project_id, check_region
from enforcer.core.text.quantity import parse_rate
from enforcer.model.savedplan import SavedPlan, SavedTarget

MAX_AGE_S: Final = 3600
"""An older plan is refused, unless its age is accepted."""
MAX_SKEW_S: Final = 300
"""A plan from further in the future was made by another clock."""
MAX_CHANGES: Final = 200_000


def checked(plan: SavedPlan) -> SavedPlan:
    """Return *plan*; raise ValueError("what is wrong; what was expected") if it says what no plan of ours can."""
    when(plan)
    if not plan.targets:
        raise ValueError("targets: none; expected at least one")
    names = [target.name for target in plan.targets]
    if len(set(names)) < len(names):
        raise ValueError("targets: two of one name; expected different ones")
    for target in plan.targets:
        check_endpoint(target.endpoint)
        check_project_id(target.project_id)
        for given, check in ((target.region, check_region), (target.iam_endpoint, check_endpoint)):
            if given is not None:
                check(given)
        if target.rate is not None:
            parse_rate(target.rate)
        _check_changes(target)
    return plan


def _check_changes(target: SavedTarget) -> None:
    if len(target.changes) > MAX_CHANGES:
        raise ValueError(f"{target.name}: {len(target.changes)} changes; expected at most {MAX_CHANGES}")
    seen: set[str] = set()
    for change in target.changes:
        if not re.fullmatch(TASK_ID_PATTERN, change.task_id, re.ASCII):
            raise ValueError(f"{target.name}: the task id {change.task_id[:40]!r}; expected letters, digits, _ and -")
        if change.task_id in seen:
            raise ValueError(f"{target.name}: task {change.task_id} twice; expected each once")
        if change.before is change.desired:
            raise ValueError(
                f"{target.name}: task {change.task_id} from {change.before} to the same; expected a change"
            )
        seen.add(change.task_id)


def when(plan: SavedPlan) -> datetime:
    """Return when *plan* was made; raise ValueError if it does not say so."""
    try:
        made = datetime.fromisoformat(plan.created)
    except ValueError:
        made = None
    if made is None or made.tzinfo is None:
        raise ValueError(f"created: {plan.created[:40]!r} is no time; expected a date, time and zone")
    return made.astimezone(UTC)


def staleness(plan: SavedPlan, now: datetime, max_age_s: int) -> str | None:
    """Return why *plan* is too old at *now*, or from the future; None if it is neither."""
    age = now - when(plan)
    if age > timedelta(seconds=max_age_s):
        return f"the plan is {_age(age)} old, and at most {_age(timedelta(seconds=max_age_s))} is accepted"
    if -age > timedelta(seconds=MAX_SKEW_S):
        return f"the plan was made {_age(-age)} from now, by a clock that differs from this one"
    return None


def _age(age: timedelta) -> str:
    minutes = int(age.total_seconds()) // 60
    return f"{minutes // 60} h {minutes % 60} min" if minutes >= 60 else f"{minutes} min {age.seconds % 60} s"
