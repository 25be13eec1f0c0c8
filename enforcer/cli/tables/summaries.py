"""One run in a few lines: what it was, its relatives, and the commands that can follow."""

from collections.abc import Iterator

import msgspec
from msgspec import Struct

from enforcer.cli.runs import revisiting
from enforcer.cli.state import Home
from enforcer.cli.wiring import recorded_runs
from enforcer.core.fold.summary import fold
from enforcer.core.text.visible import visible
from enforcer.errors import ExitCode
from enforcer.model.report.run import Exit
from enforcer.model.report.target import Totals
from enforcer.model.report.task import State
from enforcer.reports import steps


class Where(Struct, frozen=True, kw_only=True):
    """One target of the run."""

    name: str
    endpoint: str
    project_id: str


class Relative(Struct, frozen=True, kw_only=True):
    """A run that goes back to this one."""

    run_id: str
    command: str


class Next(Struct, frozen=True, kw_only=True):
    """A command that can follow."""

    what_for: str
    command: str


class Summary(Struct, frozen=True, kw_only=True):
    run_id: str
    command: str
    user: str
    host: str
    policy: str
    policy_path: str
    only: tuple[str, ...]
    shard: str | None
    started_at: str
    ended_at: str | None
    exit: Exit
    targets: tuple[Where, ...]
    totals: Totals
    parent_run: str | None
    children: tuple[Relative, ...]
    next: tuple[Next, ...]


def summary(home: Home, run: str) -> Summary:
    """Return the summary of the run *run*, an id or a part of one. Raises UsageError or JournalError."""
    started = revisiting.started(home, run)
    report = fold(recorded_runs.events(home, started.run_id))
    children = recorded_runs.children(home, started.run_id)
    done = {
        steps.runs(each.command.removeprefix("runs "), report) for each in children if _went_well(home, each.run_id)
    }
    return Summary(
        run_id=report.run_id,
        command=report.command,
        user=started.user,
        host=started.host,
        policy=started.policy_name,
        policy_path=started.policy_path,
        only=started.only,
        shard=started.shard,
        started_at=report.started_at,
        ended_at=report.ended_at,
        exit=report.exit,
        targets=tuple(
            Where(name=each.name, endpoint=each.endpoint, project_id=each.project_id)
            for each in started.targets
            if not each.only_seen
        ),
        totals=report.totals,
        parent_run=report.parent_run,
        children=tuple(Relative(run_id=child.run_id, command=child.command) for child in children),
        next=(
            Next(what_for="The whole report", command=steps.runs("report", report)),
            *(
                Next(what_for=step.label, command=step.command)
                for step in steps.steps(report)
                if step.command not in done
            ),
        ),
    )


def _went_well(home: Home, run_id: str) -> bool:
    """Whether the run did all that it was to do, on all tasks: then nothing of it is left for another."""
    report = fold(recorded_runs.events(home, run_id))
    return report.exit.code == ExitCode.OK and not report.only


def as_json(summary: Summary) -> str:
    return msgspec.json.format(msgspec.json.encode(summary), indent=2).decode()


def as_text(summary: Summary) -> str:
    return "\n".join(_lines(summary))


def _lines(summary: Summary) -> Iterator[str]:
    yield f"Run {summary.run_id}"
    yield f"  enforcer {summary.command}, by {visible(summary.user, 40)} on {visible(summary.host, 60)}"
    yield f"  policy {visible(summary.policy, 64)}, {visible(summary.policy_path, 512)}"
    if summary.only:
        yield f"  only {', '.join(visible(pattern, 64) for pattern in summary.only)}"
    if summary.shard:
        yield f"  shard {visible(summary.shard, 16)}"
    code = "" if summary.exit.code is None else f" (exit {summary.exit.code})"
    yield f"  started {summary.started_at}, ended {summary.ended_at or '-'}: {visible(summary.exit.name, 32)}{code}"
    for where in summary.targets:
        project = where.project_id or "not found"
        yield f"  {visible(where.name, 64)}: project {project} at {visible(where.endpoint, 256)}"
    yield f"  {_counted(summary.totals)}"
    if summary.parent_run:
        yield f"  goes back to {summary.parent_run}"
    for child in summary.children:
        yield f"  followed by {child.run_id}: enforcer {child.command}"
    for step in summary.next:
        yield f"{step.what_for}: {step.command}"


def _counted(totals: Totals) -> str:
    counts = ((getattr(totals, state.value), state.replace("_", " ")) for state in State)
    states = ", ".join(f"{number} {state}" for number, state in counts if number)
    return f"{totals.planned} planned{': ' + states if states else ''}"
