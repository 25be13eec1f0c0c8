"""What to do next: the commands that a report for people ends with. Plain harmless text, like `words`."""

import shlex
from collections.abc import Collection
from pathlib import PurePosixPath

from msgspec import Struct

from enforcer.core.fold import notices
from enforcer.core.text.visible import visible
from enforcer.model.report.run import INTERRUPTED, UNFINISHED, Report
from enforcer.reports.kinds import PLAN, is_only_planned, is_refused

_READ = notices.PLACE
_REVISIT = {*_READ, "--unsafe-state-fs", "--credentials", "--ca-file", "--proxy"}
"""A run remembers its targets and their addresses; the rest is said again."""
_NOT_OF_PLANS = {"--unsafe-state-fs"}
_ROOM = 1024
"""Characters of a command that are shown; one that is longer cannot be pasted anyway."""


class Step(Struct, frozen=True, kw_only=True):
    """A next step: what for, and the command that does it."""

    label: str
    command: str


def steps(report: Report) -> tuple[Step, ...]:
    """Return the commands that come next, () if there is none."""
    if is_only_planned(report):
        return () if report.parent_run else _steps_of_plan(report)
    return (*_way_on(report), *_way_back(report))


def _way_on(report: Report) -> tuple[Step, ...]:
    totals = report.totals
    is_over = report.exit.code is not None or report.exit.name == INTERRUPTED
    if is_over and totals.not_attempted:
        return (Step(label="Finish it", command=runs("resume", report)),)
    if not report.parent_run and (report.exit.code is None or totals.planned > totals.verified + totals.gone):
        return (Step(label="See what is left", command=_command(report, PLAN)),)
    return ()


def _way_back(report: Report) -> tuple[Step, ...]:
    totals = report.totals
    if report.exit.name == UNFINISHED or not totals.verified + totals.acked + totals.unknown + totals.mismatch:
        return ()
    return (Step(label="Undo", command=runs("undo", report)),)


def runs(name: str, report: Report) -> str:
    """Return the command `enforcer runs NAME` for the run that *report* is about."""
    again = _REVISIT if name in {"resume", "undo"} else _READ
    return visible(shlex.join(["enforcer", "runs", name, report.run_id, *_flags(report, again)]), _ROOM)


def _steps_of_plan(report: Report) -> tuple[Step, ...]:
    if is_refused(report):
        told = report.command == PLAN or any(said.hint for said in report.notices)
        return () if told else (Step(label="See the plan", command=_command(report, PLAN)),)
    # A plan without an end stands above the question whether to apply it.
    if report.exit.code is not None and report.totals.not_attempted:
        return (Step(label="To do it", command=_command(report, "apply")),)
    return ()


def whole_report(report: Report) -> str:
    """Return the command that prints every task of the report."""
    if report.command == PLAN and not report.parent_run:
        return f"{_command(report, PLAN)} --format json"
    return f"{runs('report', report)} --format json"


def _command(report: Report, name: str) -> str:
    only = [word for pattern in report.only for word in ("--only", pattern)]
    flags = _flags(report, {flag for flag, *_ in report.flags} - _NOT_OF_PLANS)
    return visible(shlex.join(["enforcer", name, *_policy(report.policy.files), *only, *flags]), _ROOM)


def _flags(report: Report, again: Collection[str]) -> list[str]:
    return [word for words in report.flags if words[0] in again for word in words]


def _policy(files: tuple[str, ...]) -> list[str]:
    """Return the path to give a command: the file, or the folder if there are several, as a folder is flat."""
    return [str(PurePosixPath(file).parent) if len(files) > 1 else file for file in files[:1]]
