"""The report that someone reads in ten seconds on a terminal: what needs a person, what changed, what comes next.

Plain text without colour, the same at every width; what does not fit a column is cut with an ellipsis.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence

from rich.cells import cell_len, set_cell_size

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State, TaskReport
from enforcer.reports import limits, rows, steps, waves, words
from enforcer.reports.kinds import PLAN, is_only_planned, is_quiet, nothing_sent

_NAME_CELLS = 40
_ALONE = ({State.VERIFIED}, {State.NOT_ATTEMPTED})
"""States that need no word beside each task when all tasks share them."""


def pieces(report: Report) -> Iterator[str]:
    short = rows.short_ids(report)
    blocks = [block for target in report.targets for block in _target(report, target, short)] or [words.title(report)]
    if broken := limits.break_glass(report):
        blocks.insert(0, broken)
    if is_quiet(report):
        said = "  ".join([*words.outcome(report), *words.standing(report)])
        yield "\n".join([*blocks, said, *limits.overrides(report)]) + "\n"
    else:
        yield "\n\n".join([*blocks, "\n".join(_summary(report))]) + "\n"


def _target(report: Report, target: TargetReport, short: Callable[[str], str]) -> Iterator[str]:
    yield words.header(report, target)
    for group in rows.GROUPS:
        tasks = [task for _, task in rows.members(group, (target,))]
        if tasks:
            yield "\n".join([*_table(_cells(report, target, group, tasks, short)), *_rest(report, tasks)])
    if shown := waves.shown(report, target.name):
        yield "\n".join(_table(map(waves.cells, shown)))
    if target.withheld:
        kept = ((short(each.task_id), rows.name(each), visible(each.reason)) for each in target.withheld[: rows.LIMIT])
        yield "\n".join([f"{rows.WITHHELD}:", *_table(kept), *_rest(report, target.withheld)])


def _cells(
    report: Report, target: TargetReport, group: rows.Group, tasks: list[TaskReport], short: Callable[[str], str]
) -> Iterator[tuple[str, ...]]:
    planned = group is rows.UNSENT and is_only_planned(report)
    labelled = group is rows.ATTENTION or _needs_states(report, target)
    for task in tasks[: rows.LIMIT]:
        label = rows.mark(task) if planned else words.state(task.state) if labelled else ""
        yield (label, rows.direction(task), short(task.task_id), rows.name(task), *_about(group, task))


def _about(group: rows.Group, task: TaskReport) -> tuple[str, ...]:
    if group is rows.ATTENTION:
        return (rows.why(task),)
    rule, origin, reason = rows.grounds(task)
    if group is rows.CHANGED:
        return rule, origin, reason
    return rule, origin, rows.wave(task), "; ".join(filter(None, (rows.risk(task), reason))), rows.why(task)


def _needs_states(report: Report, target: TargetReport) -> bool:
    return report.command != PLAN and {task.state for task in target.tasks} not in _ALONE


def _rest(report: Report, tasks: Sequence[object]) -> list[str]:
    hidden = len(tasks) - rows.LIMIT
    return [f"  … and {hidden:,} more: {steps.whole_report(report)}"] if hidden > 0 else []


def _table(cells: Iterable[tuple[str, ...]]) -> list[str]:
    """Return one line per row, columns aligned by display width, columns without any text left out.

    The last column pushes nothing aside and may hold a request id at its end, so it is not cut.
    """
    columns = [column for column in zip(*cells, strict=True) if any(column)]
    aligned = [_aligned([_cut(cell, _NAME_CELLS) for cell in column]) for column in columns[:-1]]
    return ["  " + "  ".join(row).rstrip() for row in zip(*aligned, columns[-1], strict=True)]


def _aligned(cells: list[str]) -> list[str]:
    width = max(map(cell_len, cells))
    return [cell + " " * (width - cell_len(cell)) for cell in cells]


def _cut(text: str, cells: int) -> str:
    return text if cell_len(text) <= cells else set_cell_size(text, cells - 1).rstrip() + "…"


def _summary(report: Report) -> Iterator[str]:
    planned = is_only_planned(report)
    if planned:
        yield from _line(*words.outcome(report), *words.standing(report))
    else:
        yield from _line(*words.outcome(report))
        yield from _line(*words.standing(report))
        yield from _line(*limits.pace(report))
    yield from limits.budgets(report)
    yield from limits.overrides(report)
    yield from _notices(report)
    sent = ["Nothing was sent."] if nothing_sent(report) else []
    yield from _line(*sent, *(f"{step.label}: {step.command}" for step in steps.steps(report)))
    if not planned:
        yield from _line(words.run(report))


def _line(*sentences: str) -> Iterator[str]:
    if sentences:
        yield "  ".join(sentences)


def _notices(report: Report) -> Iterator[str]:
    """Yield each notice, and its hint below it; notices in a row with the same hint share it."""
    for said, following in zip(report.notices, (*report.notices, None)[1:], strict=True):
        yield words.notice(said)
        if said.hint and (following is None or following.hint != said.hint):
            yield f"  {words.hint(said)}"
