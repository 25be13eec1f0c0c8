"""Overrides as text for people or as JSON for programs."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from enforcer.cli.flags import repeated
from enforcer.cli.tables.rows import aligned
from enforcer.core.overrides import ledger
from enforcer.core.text.moment import time_text
from enforcer.core.text.visible import visible
from enforcer.model.override import Override
from enforcer.model.task import Task
from enforcer.reports.amounts import counted, duration

_HEAD = ("override", "mode", "tasks", "targets", "ends", "owner", "reason")
_CLOCKS_AGREE = timedelta(minutes=5)
_NAMED = 5
"""Tasks that a message names."""


def as_json(overrides: Sequence[Override], now: datetime) -> str:
    """Return a JSON array of one object per override, with what is not written down: whether it is in force."""
    rows = [msgspec.to_builtins(each) | {"in_force": each.is_in_force(now)} for each in overrides]
    return msgspec.json.format(msgspec.json.encode(rows), indent=2).decode()


def as_text(overrides: Sequence[Override], now: datetime) -> str:
    """Return one line per override below a heading, or one sentence if there is none."""
    if not overrides:
        return "No overrides. `enforcer override add --help` shows how to make one."
    return aligned([_HEAD, *(_cells(each, now) for each in overrides)])


def clock_note(overrides: Sequence[Override], now: datetime) -> str | None:
    """Return a warning if one of *overrides* was made later than *now*: then some host's clock is wrong."""
    ahead = max((each.created for each in overrides if each.origin is None), default=now) - now
    if ahead <= _CLOCKS_AGREE:
        return None
    return (
        f"warning: an override was made {duration(ahead.total_seconds())} from now, so the clock of this host or of "
        "the one that made it is wrong, and ends come early or late."
    )


def added(override: Override, tasks: Sequence[Task] | None) -> str:
    """Return what somebody who has just added *override* should know; *tasks* are those listed, if they were."""
    whole = (override.expires - override.created).total_seconds()
    return "\n".join(
        [
            f"Override {override.id} holds {_what(override)} until {time_text(override.expires)} ({duration(whole)}).",
            _reach(override, tasks),
            "Nothing was sent: the next plan or apply honours it.",
            f"End it early: {repeated.here('override', 'end', override.id)}",
        ]
    )


def in_short(override: Override, now: datetime) -> str:
    """Return one line: ``override INC-1: manual for pay-*, 5 h left: source CPU``."""
    return f"override {visible(override.id)}: {override.mode} for {_who(override)}, {_end(override, now)}: " + visible(
        override.reason
    )


def _cells(override: Override, now: datetime) -> tuple[str, ...]:
    ticket = f" ({visible(override.ticket, 40)})" if override.ticket else ""
    return (
        visible(override.id, 64),
        override.mode,
        visible(", ".join(override.patterns), 40),
        visible(", ".join(override.targets), 30) or "all",
        _end(override, now),
        visible(ledger.person(override), 40),
        visible(override.reason, 80) + ticket,
    )


def _end(override: Override, now: datetime) -> str:
    if override.is_in_force(now):
        return f"{duration(round((override.ends - now).total_seconds()))} left"
    if override.ended_at is not None:
        return f"ended {time_text(override.ended_at)} by {visible(override.ended_by or 'somebody', 60)}"
    return f"expired {time_text(override.expires)}"


def _what(override: Override) -> str:
    who = _who(override)
    return f"{who} as they are" if override.mode == "leave" else f"{who} at {override.mode}"


def _who(override: Override) -> str:
    where = f" on {visible(', '.join(override.targets), 200)}" if override.targets else ""
    return visible(", ".join(override.patterns), 200) + where


def _reach(override: Override, tasks: Sequence[Task] | None) -> str:
    if tasks is None:
        return "Which tasks that is could not be looked up."
    matched = ledger.matched(override, tasks)
    if not matched:
        return f"None of the {counted(len(tasks), 'listed task')} matches it now."
    names = ", ".join(visible(task.task_name or task.task_id, 40) for task in matched[:_NAMED])
    more = f" and {len(matched) - _NAMED} more" if len(matched) > _NAMED else ""
    return f"That is {counted(len(matched), 'task')} now: {names}{more}."
