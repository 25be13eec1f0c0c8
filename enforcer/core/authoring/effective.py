"""Every value of a policy that is in force, and where it came from: its text, or a built-in default."""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct

from enforcer.core.text.quantity import UNLIMITED
from enforcer.model.limits import Rate
from enforcer.model.policy import Freeze, Policy
from enforcer.model.rule import Match
from enforcer.model.task import ResumeMode

BUILT_IN: Final = "built-in default"
_WEEK: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_SHARES: Final = frozenset({"percent", "max_shrink", "max_unknown_mode"})
"""Values that are in per cent."""
_SINGLE: Final = ("name", "default", "eligible", "limits", "rollout", "history", "notify")


class Value(Struct, frozen=True, kw_only=True):
    key: str
    """As the policy spells it, its mappings before it: ``limits.to_auto.max``."""
    text: str
    origin: str
    """``file:line``, or why it is so without a line."""


def values(policy: Policy) -> tuple[Value, ...]:
    """Return what is in force: the settings, then freeze windows, targets and rules by their names."""
    found = [value for key in _SINGLE for value in _values(policy, key, key, getattr(policy, key), BUILT_IN)]
    found += [
        Value(key=f"freeze.{number}", text=_window(each), origin=str(each.origin))
        for number, each in enumerate(policy.freeze, start=1)
    ]
    found += [
        Value(key=f"targets.{each.name}", text=each.region or each.endpoint or "-", origin=str(each.origin or BUILT_IN))
        for each in policy.targets
    ]
    found += [Value(key=f"rules.{each.id}", text=str(each.mode), origin=str(each.origin)) for each in policy.rules]
    return tuple(found)


def _values(policy: Policy, path: str, name: str, value: Any, otherwise: str) -> Iterator[Value]:
    """Yield *value*, the attribute *name*, as the key *path*, or each of its parts.

    *otherwise* is the origin of what the text does not have.
    """
    written = policy.origins.get(path)
    if not isinstance(value, Struct) or isinstance(value, Rate):
        yield Value(key=path, text=_text(name, value), origin=str(written or otherwise))
        return
    parts = [(part, getattr(value, part)) for part in value.__struct_fields__ if part != "written"]
    if isinstance(value, Match):
        # It replaces the built-in one as a whole, and may be a bare pattern.
        otherwise = str(written or otherwise)
        parts = [(part, inner) for part, inner in parts if inner]
        if not parts:
            yield Value(key=path, text="every task", origin=otherwise)
    for part, inner in parts:
        yield from _values(policy, f"{path}.{part.removesuffix('_s').rstrip('_')}", part, inner, otherwise)


def _text(name: str, value: Any) -> str:
    if value is None:
        return UNLIMITED
    if isinstance(value, Rate):
        return value.text
    if isinstance(value, tuple):
        return ", ".join(map(str, value))
    if name == "keep":
        return f"{value}d"
    return f"{value}%" if name in _SHARES else f"{value}s" if name.endswith("_s") else str(value)


def _window(window: Freeze) -> str:
    days = ", ".join(_WEEK[day] for day in sorted(window.days))
    begin, end = (f"{minutes // 60:02}:{minutes % 60:02}" for minutes in (window.start, window.end))
    directions = ", ".join(f"to_{mode}" for mode in ResumeMode if mode in window.directions)
    return f"{days} {begin} to {end} {window.zone}, {directions}"
