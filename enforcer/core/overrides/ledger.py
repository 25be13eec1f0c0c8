"""The ledger of overrides: what may become of one, and what the recorded steps come to.

Pure: a step is made here, or refused with the reason; `journal.overrides` keeps it.
"""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from msgspec.structs import replace

from enforcer.core.patterns.overlap import overlap
from enforcer.core.patterns.selection import Selection
from enforcer.core.text.moment import time_text
from enforcer.errors import RefusedError, UsageError
from enforcer.model.override import Added, Ended, Extended, Override, Step
from enforcer.model.task import Task

LEAST_REASON: Final = 10
"""Characters of a reason: less says nothing to whoever reads it at night."""
OVERRIDE_ID_PATTERN: Final = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
"""A regular expression over the whole id that Python and JSON Schema read alike."""


def replay(steps: Iterable[Step]) -> tuple[Override, ...]:
    """Return what *steps*, in the order in which they were recorded, come to; in the order of their adding."""
    found: dict[str, Override] = {}
    for step in steps:
        match step:
            case Added(override=override):
                found[override.id] = override
            case Extended(override_id=name, expires=expires):
                found[name] = replace(found[name], expires=expires)
            case Ended(override_id=name, at=at, by=by):
                found[name] = replace(found[name], ended_at=at, ended_by=by)
    return tuple(found.values())


def add(override: Override, known: Sequence[Override], tasks: Iterable[Task] | None, *, longest_s: int) -> Added:
    """Return the step that adds *override*, created just now.

    *tasks* are those that are listed now, None if they are not known; *longest_s* is how long it may last at most.
    Raises UsageError if it is not sound, RefusedError if it would ask for something else than another in force.
    """
    check(override, longest_s=longest_s)
    if any(each.id == override.id for each in known):
        raise UsageError(f"there is an override {override.id} already", hint="See it: enforcer override list")
    met = [each for each in known if each.is_in_force(override.created) and each.mode is not override.mode]
    for each in met:
        where = _where_both_hold(override, each, tasks)
        if where:
            raise RefusedError(
                f"override {override.id} asks for {override.mode} where {each.id} asks for {each.mode} until "
                f"{time_text(each.ends)}: {where}",
                hint=f"End the other first: enforcer override end {each.id}. Or name fewer tasks.",
            )
    return Added(at=override.created, by=person(override), override=override)


def check(override: Override, *, longest_s: float) -> None:
    """Raise UsageError("what is wrong") if *override* is not sound or lasts longer than *longest_s*."""
    lasts_s = (override.expires - override.created).total_seconds()
    if lasts_s <= 0:
        raise UsageError(
            f"override {override.id} would end at {time_text(override.expires)}, which is not after "
            f"{time_text(override.created)}, when it begins"
        )
    if lasts_s > longest_s:
        raise UsageError(
            f"override {override.id} would last {_hours(lasts_s)}; the longest is {_hours(longest_s)}",
            hint="What holds for longer belongs in the policy. limits.override_max_ttl sets the longest.",
        )
    if len(override.reason.strip()) < LEAST_REASON:
        raise UsageError(f"the reason {override.reason!r} says too little; expected at least {LEAST_REASON} characters")


def extend(
    name: str, expires: datetime, known: Sequence[Override], *, now: datetime, by: str, longest_s: int
) -> Extended:
    """Return the step that gives an override in force a later end; raise UsageError if that cannot be."""
    override = _live(name, known, now)
    if expires <= override.expires:
        raise UsageError(
            f"override {name} lasts until {time_text(override.expires)} already, which is not before "
            f"{time_text(expires)}",
            hint=f"To end it early: enforcer override end {name}",
        )
    check(replace(override, created=now, expires=expires), longest_s=longest_s)
    return Extended(at=now, by=by, override_id=name, expires=expires)


def end(name: str, known: Sequence[Override], *, now: datetime, by: str) -> Ended:
    """Return the step that ends an override in force; raise UsageError if it is not."""
    return Ended(at=now, by=by, override_id=_live(name, known, now).id)


def person(override: Override) -> str:
    """Return who added *override* and where, as steps name people."""
    return override.owner if override.host is None else f"{override.owner} on {override.host}"


def matched(override: Override, tasks: Iterable[Task]) -> tuple[Task, ...]:
    """Return those of *tasks* that *override* names."""
    selection = Selection(override.patterns)
    return tuple(
        task for task in tasks if (not override.targets or task.target in override.targets) and selection.includes(task)
    )


def _live(name: str, known: Sequence[Override], now: datetime) -> Override:
    by_id: Mapping[str, Override] = {each.id: each for each in known}
    override = by_id.get(name)
    if override is None:
        near = difflib.get_close_matches(name, by_id, n=1)
        raise UsageError(
            f"there is no override {name!r} in the state directory",
            hint=f"Did you mean {near[0]}?" if near else "`enforcer override list` shows those there are.",
        )
    if not override.is_in_force(now):
        ended = "was ended" if override.ended_at is not None and override.ended_at <= override.expires else "expired"
        raise UsageError(f"override {name} {ended} at {time_text(override.ends)}", hint="Add a new one.")
    return override


def _where_both_hold(one: Override, other: Override, tasks: Iterable[Task] | None) -> str:
    """Return where the two meet, in words; nothing if they do not, as far as can be told."""
    if one.targets and other.targets and not set(one.targets) & set(other.targets):
        return ""
    if tasks is None:
        return "their patterns may hit the same task" if overlap(one.patterns, other.patterns) else ""
    both = matched(other, matched(one, tasks))
    if not both:
        return ""
    first = both[0].task_name or both[0].task_id
    return f"task {first}" if len(both) == 1 else f"{len(both)} tasks, the first of them {first}"


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:g} h" if hours == int(hours) else f"{hours:.2f} h"
