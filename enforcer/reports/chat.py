"""The report as a message to a chat or a mailbox: a title, and a few lines of Markdown without a table.

It is read on a phone, and services bound its length: what does not fit is counted, with the command that shows it.
Text from outside makes no markup, link or mention, wherever it comes to be shown: services differ in what they
make of an entity or a backslash, so what could begin one is replaced by a mark that looks like it.
"""

import re
from collections.abc import Iterator, Sequence

from enforcer.core.text.visible import visible
from enforcer.model.difference import Differing
from enforcer.model.news import Message, News
from enforcer.model.report.run import Report
from enforcer.model.report.task import TaskReport
from enforcer.reports import limits, rows, steps, words
from enforcer.reports.amounts import counted

ROOM = 3500
"""Characters of a body: a screen or two, less than most services take."""
_LINE = 400
"""Characters of a sentence."""
_NAMED = 5
"""Tasks of a kind that are named in a line."""
_LISTED = 10
"""Lines of a kind."""

_ADDRESS = re.compile(r"://|www\.", re.IGNORECASE)
_TWINS = {ord(mark): ord(mark) + 0xFEE0 for mark in r"<[]*~|\`@"}
"""Marks and their fullwidth twins, which look like them and mean nothing."""


def message(report: Report, news: News, room: int = ROOM) -> Message:
    """Return the message for a service that takes *room* characters, of which no more than ROOM are used."""
    outcome = "unfinished" if report.exit.code is None else report.exit.name
    return Message(
        title=inert(f"enforcer {report.command}: {words.title(report)}, {outcome}", 120),
        body=_fitted(list(_lines(report, news)), min(room, ROOM), steps.runs("report", report)),
    )


def inert(text: str, most: int = _LINE) -> str:
    """Return *text* on one line, with at most *most* characters, as what no service takes for markup."""
    shown = visible(text, most).translate(_TWINS)
    return _ADDRESS.sub(lambda found: f"{found[0][:-1]}\u200b{found[0][-1]}", shown)


def _fitted(lines: Sequence[str], room: int, command: str) -> str:
    """Return the first of *lines* that fit, and how many more there are."""
    whole = "\n".join(lines)
    if len(whole) <= room:
        return whole
    for way in (f": {_code(command)}", ""):
        for shown in range(len(lines) - 1, 0, -1):
            left = counted(sum(bool(line) for line in lines[shown:]), "more line")
            text = "\n".join([*lines[:shown], f"… and {left}{way}"])
            if len(text) <= room:
                return text
    # No later line: cut inside its code, what the code holds would be markup.
    return f"{lines[0][: max(room - 1, 0)]}…"


def _code(command: str) -> str:
    """Return *command* as code, or as plain text if it has the mark in it that would end the code."""
    return inert(command, len(command)) if "`" in command else f"`{command}`"


def _lines(report: Report, news: News) -> Iterator[str]:
    """Yield what there is to say, the most important first."""
    told = (limits.break_glass(report), *words.outcome(report), *words.standing(report), *limits.pace(report))
    yield " ".join(inert(said) for said in told if said)
    yield from _section("Since the last run", _news(news))
    said = [inert(f"{words.notice(each)} {words.hint(each)}".rstrip()) for each in report.notices]
    yield from _section("To know", _counted(said, "more notices"))
    members = rows.members(rows.ATTENTION, report.targets)
    yield from _section(rows.ATTENTION.title, _counted([_task(task) for _, task in members], "more tasks"))
    commands = [*((step.label, step.command) for step in steps.steps(report))]
    commands.append(("Report", steps.runs("report", report)))
    yield from _section("Next", [f"- {label}: {_code(command)}" for label, command in commands])


def _section(title: str, lines: Sequence[str]) -> Iterator[str]:
    if lines:
        yield ""
        yield f"**{title}**"
        yield ""
        yield from lines


def _counted(texts: Sequence[str], what: str) -> list[str]:
    rest = [f"- … and {len(texts) - _LISTED:,} {what}"] if len(texts) > _LISTED else []
    return [*(f"- {text}" for text in texts[:_LISTED]), *rest]


def _task(task: TaskReport) -> str:
    return f"{_name(task)} {rows.direction(task)}, {words.state(task.state)}: {inert(rows.why(task))}"


def _news(news: News) -> list[str]:
    found = news.difference
    if news.before is None or found is None:
        return []
    lines = [f"- It ended with {inert(news.before.name)} before."] if news.has_ended_otherwise else []
    kinds = (
        ("Newly drifting", found.newly_drifting),
        ("Drifting again, though set by the last run", found.drifting_again),
        ("Newly failing", found.newly_failing),
        ("Newly contested", found.newly_contested),
        ("Fixed", found.fixed),
    )
    lines += [f"- {title}: {len(tasks):,} ({_names(tasks)})" for title, tasks in kinds if tasks]
    if found.not_compared:
        names = ", ".join(f"`{inert(name, 64)}`" for name in found.not_compared[:_NAMED])
        lines.append(f"- Listed by only one of the two runs: {names}{_and_more(len(found.not_compared))}")
    return lines


def _names(tasks: Sequence[Differing]) -> str:
    return ", ".join(map(_name, tasks[:_NAMED])) + _and_more(len(tasks))


def _and_more(count: int) -> str:
    return f" and {count - _NAMED:,} more" if count > _NAMED else ""


def _name(task: Differing | TaskReport) -> str:
    return f"`{inert(task.task_name or task.task_id, 64)}`"
