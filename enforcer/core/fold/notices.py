"""What a person should know of a run apart from its changes, in a sentence and a hint each. Pure."""

import shlex
from collections.abc import Sequence
from typing import TypeAlias

from enforcer.core.text import skew
from enforcer.errors import EnforcerError, ExitCode
from enforcer.model.event import (
    ClockSkewed,
    HistoryUnread,
    InventoryAccepted,
    OverridesConflicted,
    PlanContradicted,
    PlanDeclined,
    PlanRefused,
    RunInterrupted,
    RunRecovered,
    RunStopped,
    SelectionUnmatched,
    TargetFailed,
)
from enforcer.model.report.run import Notice

Noticed: TypeAlias = ClockSkewed | TargetFailed | RunRecovered | OverridesConflicted | PlanContradicted
"""What a target's notices come from."""

_NAMED = 20
"""Task ids that a command in a hint names at most."""


OfPlan: TypeAlias = PlanRefused | PlanDeclined | SelectionUnmatched | InventoryAccepted | HistoryUnread
"""What notices about the plan as a whole come from."""


PLACE = frozenset({"--state", "--state-dir"})
"""Flags that say where the journal is, which a command in a hint has to say again."""


def notice(event: Noticed | OfPlan | RunStopped, place: Sequence[str] = ()) -> Notice:
    """Return the notice that *event* comes to; *place* is what commands in its hint say after their own words."""
    match event:
        case RunStopped() | TargetFailed():
            return _notice(event.target, event.message, event.hint, event.exit_code)
        case PlanRefused() | PlanDeclined() | SelectionUnmatched() | InventoryAccepted() | HistoryUnread():
            return _of_plan(event)
        case _:
            return _of_target(event, place)


def _of_plan(event: OfPlan) -> Notice:
    match event:
        case PlanRefused():
            return _notice(None, "; ".join(event.reasons), event.hint, ExitCode.REFUSED)
        case PlanDeclined():
            return _notice(None, "declined at the prompt", None, ExitCode.REFUSED)
        case SelectionUnmatched():
            return _notice(None, _unmatched(event), "`enforcer tasks` shows the ids and names there are.")
        case InventoryAccepted():
            said = f"the inventory of {event.tasks:,} tasks is accepted: {event.reason}"
            return _notice(event.target, f"{said}. Without that it had been refused: {'; '.join(event.doubts)}")
        case HistoryUnread():
            return _notice(event.target, event.message, event.hint, ExitCode.PARTIAL)


def _of_target(
    event: ClockSkewed | OverridesConflicted | PlanContradicted | RunRecovered, place: Sequence[str]
) -> Notice:
    match event:
        case ClockSkewed():
            return _notice(event.target, skew.skew_text(event.skew_s), skew.HINT)
        case OverridesConflicted():
            return _notice(event.target, _conflicted(event), _mend_conflict(place), ExitCode.PARTIAL)
        case PlanContradicted():
            return _notice(event.target, _contradicted(event), _override(event, place))
        case RunRecovered():
            return _notice(
                event.target, _recovered(event), f"See it: {_command('runs', 'report', event.earlier_run, *place)}"
            )


def odd(target: str | None, message: str) -> Notice:
    """Return the notice of a record that contradicts itself, which is a bug."""
    return _notice(target, message, None, ExitCode.SOFTWARE)


def unrecorded(broken: EnforcerError) -> Notice:
    """Return the notice in a report that tells what the run itself knows, since the journal has not all of it."""
    message = f"this report is of what the run itself knows; not all of it is on record: {broken.message}"
    return _notice(None, message, broken.hint, broken.exit_code)


def short(missing: str) -> Notice:
    """Return the notice in the report of a run whose record has lost its end; *missing* says what."""
    return _notice(None, missing)


def died(event: RunInterrupted, last_at: str) -> Notice:
    """Return the notice in the report of a run that died; *last_at* is the time of its last own event, in words."""
    return _notice(None, f"the run died; the last sign of it is of {last_at}. Run {event.by_run} found it so")


def _notice(target: str | None, message: str, hint: str | None = None, exit_code: int = ExitCode.OK) -> Notice:
    return Notice(target=target, message=message, hint=hint, exit_code=int(exit_code))


def _command(*words: str) -> str:
    return shlex.join(["enforcer", *words])


def _mend_conflict(place: Sequence[str]) -> str:
    end, show = _command("override", "end", "ID", *place), _command("override", "list", *place)
    return f"End all of them but one: {end}. `{show}` shows them."


def _conflicted(event: OverridesConflicted) -> str:
    names = ", ".join(event.override_ids)
    tasks = "1 task" if event.tasks == 1 else f"{event.tasks:,} tasks"
    return f"the overrides {names} ask for different modes of {tasks}; the safest, {event.mode}, was taken"


def _unmatched(event: SelectionUnmatched) -> str:
    fit = "fits" if len(event.patterns) == 1 else "fit"
    return f"--only {', '.join(map(repr, event.patterns))} {fit} no task, by id or by name"


def _recovered(event: RunRecovered) -> str:
    found = {
        "verified": event.verified,
        "not applied": event.not_applied,
        "read back otherwise": event.mismatched,
        "gone": event.gone,
        "still open": event.still_open,
        "not attempted": event.not_attempted,
    }
    counts = ", ".join(f"{number:,} {word}" for word, number in found.items() if number)
    what = "died" if event.died else "left changes open"
    return f"the earlier run {event.earlier_run} {what}; of its changes, as read now: {counts or 'none is open'}"


def _contradicted(event: PlanContradicted) -> str:
    number = len(event.task_ids)
    changes = "1 change" if number == 1 else f"{number:,} changes"
    return f"the policy asks for the opposite of {changes} to {event.desired}: its next apply would revert that"


def _override(event: PlanContradicted, place: Sequence[str]) -> str:
    is_named = len(event.task_ids) <= _NAMED
    patterns = event.task_ids if is_named else ("GLOB",)
    terms = ("--target", event.target, "--mode", event.desired, "--for", "24h")
    command = _command("override", "add", *patterns, *terms, "--reason", "Undone, and not to be redone yet", *place)
    with_what = "" if is_named else ", with a pattern that fits those tasks in the place of GLOB"
    return f"To keep it for a day{with_what}: {command}"
