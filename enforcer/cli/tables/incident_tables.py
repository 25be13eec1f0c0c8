"""An incident in one screen, to be read by somebody in a hurry: what is so, what is not, what to do."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

import msgspec

from enforcer.cli.flags import repeated
from enforcer.cli.tables.rows import aligned
from enforcer.core.overrides import ledger
from enforcer.core.overrides.incident import Incident, IncidentState, Moved
from enforcer.core.text.moment import time_text, utc_text
from enforcer.core.text.visible import visible
from enforcer.model.override import Override
from enforcer.model.report.run import Notice, Report
from enforcer.model.report.task import State, TaskReport
from enforcer.reports import words
from enforcer.reports.amounts import counted, duration

_ROWS = 15
"""Tasks that are named one by one, so that it stays one screen."""
_HEAD = ("incident", "mode", "tasks", "state", "began", "by", "reason")


def started(override: Override, report: Report, policy: str, now: datetime) -> str:
    """Return what the start of an incident came to; *policy* is the path of its policy."""
    totals = report.totals
    failed = [task for target in report.targets for task in target.tasks if task.state is not State.VERIFIED]
    matched = sum(each.tasks for each in report.overrides.in_force if each.id == override.id)
    unlisted = tuple(_unlisted(report))
    lines = [
        _heading(override, now),
        _why(override),
        f"{counted(matched, 'task')} held: {totals.verified:,} set and read back, "
        f"{matched - totals.planned:,} {override.mode} already."
        if override.mode != "leave"
        else f"{counted(matched, 'task')} held as they are.",
        *unlisted,
        *_rows([_unset(task) for task in failed], "not set, as far as anyone knows"),
        *(words.notice(said) for said in _other_notices(report)),
        _finish(override, report) if failed else "",
        send_it(override, policy, report.flags) if unlisted else "",
        _none_fits(override, policy) if not matched and not unlisted else "",
        _ways(override),
    ]
    return "\n".join(line for line in lines if line)


def _finish(override: Override, report: Report) -> str:
    again = repeated.here("runs", "resume", report.run_id, "--yes", "--break-glass", f"incident {override.id}")
    return f"Finish    {again}"


def _none_fits(override: Override, policy: str) -> str:
    return (
        f"No task that may be changed fits {visible(', '.join(override.patterns), 200)}. "
        f"See their names: {repeated.here('tasks', policy)}"
    )


def send_it(override: Override, policy: str = "POLICY", flags: Iterable[tuple[str, ...]] = ()) -> str:
    """Return how to send by an ordinary run what an incident could not; *flags* as in `RunStarted`."""
    only = (("--only", text) for text in override.patterns)
    glass = ("--break-glass", f"incident {override.id}")
    return f"To set its tasks: {repeated.here('apply', policy, '--yes', more=(*only, glass, *flags))}"


def already(override: Override, found: Incident, now: datetime) -> str:
    """Return what is said to somebody who starts an incident that there is already, or was."""
    in_force = override.is_in_force(now)
    did = f"Its run is {override.run_id}." if found.report else "Its run did not come to begin."
    if in_force and not found.report:
        did += f" {send_it(override)}"
    there = "is an incident {} already." if in_force else "was an incident {} already, and it is over."
    return "\n".join(
        [
            f"Nothing is changed: there {there.format(visible(override.id))} {did}",
            _heading(override, now),
            _why(override),
            _ways(override) if in_force else _way_back(override),
        ]
    )


def status(found: Incident, state: IncidentState, now: datetime) -> str:
    """Return an incident and its tasks as they are now."""
    override = found.override
    lines = [
        _heading(override, now),
        _why(override),
        f"{counted(state.set, 'task')} set to {override.mode} by run {override.run_id}: {state.still:,} still so.",
        *_rows([_unset(task) for task in state.not_set], "not set, as far as anyone knows"),
        *_rows([_moved(each) for each in state.moved if each.was_set], "set, and not so any more"),
        *_rows([_moved(each) for each in state.moved if not each.was_set], f"not {override.mode}, and not set by it"),
        _ways(override) if override.is_in_force(now) else _way_back(override) if state.still else "",
    ]
    return "\n".join(line for line in lines if line)


def status_json(found: Incident, state: IncidentState | None, now: datetime) -> str:
    """Return the same as JSON; *state* None: the tasks could not be listed."""
    said = msgspec.to_builtins(found.override) | {"in_force": found.override.is_in_force(now)}
    state_said = None if state is None else msgspec.to_builtins(state)
    whole = {"incident": said, "state": state_said}
    return msgspec.json.format(msgspec.json.encode(whole), indent=2).decode()


def unlooked(found: Incident, why: str, now: datetime) -> str:
    """Return an incident whose tasks cannot be looked at now, as far as the journal knows it."""
    done = found.report.totals.verified if found.report else 0
    return "\n".join(
        [
            _heading(found.override, now),
            _why(found.override),
            f"{counted(done, 'task')} set by run {found.override.run_id}. How they are now is not known: {why}",
            *_one_by_one(found),
        ]
    )


def _one_by_one(found: Incident) -> Iterator[str]:
    """Yield what to do where one target of several is out of reach."""
    if found.report is not None and len(found.report.targets) > 1:
        yield "Look at one target only:"
        for target in found.report.targets:
            yield f"  {repeated.here('incident', 'status', found.override.id, '--target', target.name)}"


def list_text(overrides: Sequence[Override], now: datetime) -> str:
    if not overrides:
        return "No incidents."
    return aligned([_HEAD, *(_cells(each, now) for each in overrides)])


def _cells(override: Override, now: datetime) -> tuple[str, ...]:
    return (
        visible(override.id, 64),
        override.mode,
        visible(", ".join(override.patterns), 40),
        _end(override, now),
        time_text(override.created),
        visible(ledger.person(override), 40),
        visible(override.reason, 80),
    )


def _heading(override: Override, now: datetime) -> str:
    where = f" on {visible(', '.join(override.targets), 200)}" if override.targets else ""
    return (
        f"Incident {visible(override.id)} · {override.mode} for {visible(', '.join(override.patterns), 200)}{where} · "
        f"{_end(override, now)}"
    )


def _end(override: Override, now: datetime) -> str:
    if override.is_in_force(now):
        left = duration(round((override.ends - now).total_seconds()))
        return f"in force, {left} left, until {time_text(override.ends)}"
    how = "expired" if override.ended_by is None else f"ended by {visible(override.ended_by, 60)}"
    return f"{how} at {time_text(override.ends)}"


def _why(override: Override) -> str:
    ticket = f" ({visible(override.ticket, 40)})" if override.ticket else ""
    return f"{visible(override.reason, 512)}{ticket}, by {visible(ledger.person(override), 80)}"


def _unlisted(report: Report) -> Iterator[str]:
    for target in report.targets:
        if target.inventory is None:
            yield f"MISSED: target {visible(target.name, 64)} could not be listed, so none of its tasks is set."


def _other_notices(report: Report) -> Sequence[Notice]:
    return [said for said in report.notices if said.exit_code]


def _rows(rows: Sequence[tuple[str, ...]], what: str) -> Iterator[str]:
    if not rows:
        return
    yield f"{counted(len(rows), 'task')} {what}:"
    yield aligned(rows[:_ROWS], indent="  ")
    if len(rows) > _ROWS:
        yield f"  … and {len(rows) - _ROWS:,} more: --format json has all of them"


def _unset(task: TaskReport) -> tuple[str, ...]:
    return words.state(task.state), visible(task.task_name or "-", 40), task.task_id, visible(task.reason or "", 120)


def _moved(each: Moved) -> tuple[str, ...]:
    observed = each.note or each.observed or "no mode"
    who = "nobody whom the journal knows"
    if each.author is not None:
        sent = each.author
        who = f"run {sent.run_id} ({visible(sent.command, 40)}, by {visible(sent.by, 60)}) at {utc_text(sent.at)}"
    return observed, visible(each.task_name or "-", 40), visible(each.task_id, 64), who


def _ways(override: Override) -> str:
    return (
        "The nightly run leaves these tasks so until then.\n"
        f"Look      {repeated.here('incident', 'status', override.id)}\n" + _way_back(override)
    )


def _way_back(override: Override) -> str:
    return f"Way back  {repeated.here('incident', 'end', override.id, '--restore')}"
