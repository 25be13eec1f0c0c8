"""Rules that say of a fleet what it is already: the beginning of a policy whose first plan is empty."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from enforcer.model.task import ResumeMode, Task

MINORITY: Final = 1 / 3
"""A family in which more tasks than that share have the other mode is left for a person to decide."""
MOST_EXCEPTIONS: Final = 50

_FAMILY: Final = re.compile(r"[A-Za-z][A-Za-z0-9]*[-_]")
_UNSAFE: Final = re.compile(r"[^a-z0-9]+")


class Family(Struct, frozen=True, kw_only=True):
    """Tasks whose names begin alike, and what they have in common."""

    prefix: str
    tasks: int
    mode: ResumeMode | None
    """What nearly all of them have; None: they differ too much to say."""
    exceptions: tuple[Task, ...]
    """Those that have the other mode, if *mode* is one."""

    @property
    def rule_id(self) -> str:
        return _UNSAFE.sub("-", self.prefix.lower()).strip("-")


def families(tasks: Sequence[Task]) -> tuple[Family, ...]:
    """Return the families of *tasks*, eligible ones of known modes, the largest first; tasks of no family are left out.

    A name's family is what stands before its first ``-`` or ``_``. One task alone makes no family.
    """
    by_prefix: dict[str, list[Task]] = defaultdict(list)
    for task in tasks:
        found = _FAMILY.match(task.task_name or "")
        if found is not None and task.resume_mode is not None:
            by_prefix[found[0]].append(task)
    found_families = [_family(prefix, members) for prefix, members in by_prefix.items() if len(members) > 1]
    return tuple(sorted(_distinct(found_families), key=lambda each: (-each.tasks, each.prefix)))


def _family(prefix: str, members: Sequence[Task]) -> Family:
    ((common, _),) = Counter(task.resume_mode for task in members).most_common(1)
    others = tuple(task for task in members if task.resume_mode is not common)
    is_clear = len(others) <= min(MINORITY * len(members), MOST_EXCEPTIONS)
    return Family(
        prefix=prefix,
        tasks=len(members),
        mode=common if is_clear else None,
        exceptions=others if is_clear else (),
    )


def _distinct(found: Sequence[Family]) -> list[Family]:
    """Return the first family of each rule id: names that differ in case or separator only make one rule at most."""
    by_id: dict[str, Family] = {}
    for family in found:
        by_id.setdefault(family.rule_id, family)
    return list(by_id.values())
