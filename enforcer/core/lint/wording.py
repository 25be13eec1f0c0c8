"""What the text of a policy alone shows: rules that are too broad, out of date, or without a reason."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from enforcer.core.patterns.containment import covers
from enforcer.core.patterns.matching import FIELDS
from enforcer.model.finding import CODES, Finding
from enforcer.model.policy import Policy
from enforcer.model.rule import Match, PolicyMode, Rule

SOON: Final = timedelta(days=14)


def remarks(policy: Policy, now: datetime) -> Iterator[Finding]:
    """Yield what is to be said of each rule by itself at *now*, an aware time."""
    for rule in policy.rules:
        yield from _on(rule, now)


def _on(rule: Rule, now: datetime) -> Iterator[Finding]:
    if rule.mode is PolicyMode.AUTO and _is_catch_all(rule.match):
        yield _finding(
            "W201",
            rule,
            f"rule {rule.id} sets every task that no earlier rule takes to auto, also those that are yet to come",
            "Name the tasks that are meant, or suppress this with the reason.",
        )
    if rule.expires is not None and rule.expires <= now:
        yield _finding(
            "W202",
            rule,
            f"rule {rule.id} expired at {_utc(rule.expires)} and no longer matches",
            "Delete it, or give it a later time.",
        )
    elif rule.expires is not None and rule.expires - now <= SOON:
        yield _finding(
            "W203",
            rule,
            f"rule {rule.id} expires at {_utc(rule.expires)}, in {_days(rule.expires - now)}",
            "See to what should be so afterwards: enforcer explain --at shows what decides then.",
        )
    if rule.mode is not PolicyMode.AUTO and rule.reason is None:
        yield _finding(
            "W204",
            rule,
            f"rule {rule.id} holds tasks at {rule.mode} and does not say why",
            "Add a reason: whoever reads the report at night will ask.",
        )


def _is_catch_all(match: Match) -> bool:
    set_fields = [getattr(match, name) for name in FIELDS if getattr(match, name)]
    return match.not_ is None and all(covers(patterns, "*") for patterns in set_fields)


def _finding(code: str, rule: Rule, message: str, hint: str) -> Finding:
    return Finding(code=CODES[code], origin=rule.origin, rule=rule.id, message=message, hint=hint)


def _utc(time: datetime) -> str:
    return f"{time:%Y-%m-%dT%H:%M:%SZ}"


def _days(left: timedelta) -> str:
    return f"{left.days} days" if left.days != 1 else "1 day"
