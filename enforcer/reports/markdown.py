"""The report for a pull-request comment or a chat message: outcome first, then what needs a person, then the rest.

What does not fit is counted, with the command that shows it. Whatever comes from outside is shown as the text it is:
no markup, link, mention or HTML of its own.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport, Totals
from enforcer.model.report.task import State, TaskReport
from enforcer.reports import limits, rows, steps, waves, words
from enforcer.reports.kinds import is_only_planned, is_quiet, nothing_sent

ROOM = 65_000
"""Bytes: a comment on a pull request takes 65,536 characters."""

_SPECIAL = re.compile(r"[&<>\\`*_\[\]|~$@#]|://|www\.", re.IGNORECASE)


def pieces(report: Report) -> Iterator[str]:
    yield fitted(lambda most: document([heading(report), summary(report), *body(report, most)]), ROOM, rows.LIMIT)


def fitted(written: Callable[[int], str], room: int, most: int) -> str:
    """Return what is *written* with at most *most* rows of a kind, or with fewer, so that it fits *room* bytes."""
    text = written(most)
    while len(text.encode()) > room and most:
        most //= 2
        text = written(most)
    return text


def document(blocks: Iterable[str]) -> str:
    return "\n\n".join(block for block in blocks if block) + "\n"


def heading(report: Report) -> str:
    return f"## enforcer {prose(report.command)} · {prose(words.title(report))}: {prose(_outcome(report))}"


def summary(report: Report) -> str:
    """Return what happened in a few sentences; that guards were passed goes before all else."""
    told = (*words.outcome(report), *words.standing(report), *limits.pace(report))
    return " ".join(prose(said) for said in (limits.break_glass(report), *told) if said)


def body(report: Report, most: int) -> Iterator[str]:
    """Yield what follows the summary."""
    yield "\n".join(f"- {prose(line)}" for line in (*limits.budgets(report), *limits.overrides(report)))
    yield from _notices(report, most)
    yield from _next(report)
    yield from _totals(report, most)
    short = rows.short_ids(report)
    for group in rows.GROUPS:
        yield from _group(report, group, short, most)
    yield from _waves(report)
    yield from _withheld(report, short, most)
    yield from _details(report, most)


def prose(text: str) -> str:
    """Return *text* so that Markdown shows it as it is.

    Entities never count as markup, so they work in table cells and headings alike. A zero-width space,
    as an entity too, keeps ``@name`` from notifying people and ``#1`` from linking.
    """
    return _SPECIAL.sub(_inert, visible(text, 1024))


def code(text: str) -> str:
    """Return *text* as a code span, which is easy to copy, or as prose where a span cannot hold it."""
    shown = visible(text)
    return f"`{shown}`" if shown.strip() and not set(shown) & set("`|\\") else prose(shown)


def _inert(found: re.Match[str]) -> str:
    special = found[0]
    if special in {"@", "#"}:
        return f"{special}&#8203;"
    if special == "://":
        return ":&#47;/"
    if len(special) > 1:
        return f"{special[:-1]}&#46;"
    return f"&#{ord(special)};"


def _outcome(report: Report) -> str:
    return "unfinished" if report.exit.code is None else report.exit.name


def _notices(report: Report, most: int) -> Iterator[str]:
    # On one line: at the start of its own, a hint could be read as a heading or a list.
    said = [prose(f"{words.notice(each)} {words.hint(each)}".rstrip()) for each in report.notices[:most]]
    yield "\n".join(f"- {each}" for each in said)
    yield _rest(report, len(report.notices) - most, "notices")


def _rest(report: Report, hidden: int, what: str = "") -> str:
    """Return how many are not shown, with the command that shows them; nothing if all are."""
    more = f"{hidden:,} more {what}".rstrip()
    return f"… and {more}: {code(steps.whole_report(report))}" if hidden > 0 else ""


def _next(report: Report) -> Iterator[str]:
    sent = ["Nothing was sent."] if nothing_sent(report) and not is_quiet(report) else []
    yield " ".join([*sent, *(f"{step.label}: {code(step.command)}" for step in steps.steps(report))])


def _totals(report: Report, most: int) -> Iterator[str]:
    shown = [state for state in State if _is_told(report, state)]
    heads = ["target", "tasks", "eligible", "in sync", "left alone", "to change", *map(words.state, shown)]
    if report.targets:
        yield _table(heads, (_totals_row(target, shown) for target in report.targets[:most]))
        yield _rest(report, len(report.targets) - most, "targets")


def _is_told(report: Report, state: State) -> bool:
    if is_only_planned(report):
        return state is State.SKIPPED and report.totals.skipped > 0
    return state in {State.VERIFIED, State.FAILED} or _count(report.totals, state) > 0


def _totals_row(target: TargetReport, shown: list[State]) -> Iterator[str]:
    totals = target.totals
    yield code(target.name) if target.inventory else f"{code(target.name)} (not listed)"
    numbers = (totals.listed, totals.eligible, totals.in_sync, totals.left, totals.planned)
    yield from (f"{number:,}" for number in (*numbers, *(_count(totals, state) for state in shown)))


def _count(totals: Totals, state: State) -> int:
    number: int = getattr(totals, state.value)
    return number


def _withheld(report: Report, short: Callable[[str], str], most: int) -> Iterator[str]:
    members = [(target, each) for target in report.targets for each in target.withheld]
    if not members:
        return
    yield f"### {rows.WITHHELD}"
    yield _table(
        ["target", "task", "name", "why"],
        (
            (code(target.name), code(short(each.task_id)), prose(rows.name(each)), prose(each.reason))
            for target, each in members[:most]
        ),
    )
    if len(members) > most:
        yield f"… and {len(members) - most:,} more: {code(steps.whole_report(report))}"


def _group(report: Report, group: rows.Group, short: Callable[[str], str], most: int) -> Iterator[str]:
    members = rows.members(group, report.targets)
    if not members:
        return
    planned = group is rows.UNSENT and is_only_planned(report)
    yield f"### {'To change' if planned else group.title}"
    heads = ["target", "state", "change", "task", "name"]
    heads += ["why"] if group is rows.ATTENTION else ["rule", "where", "reason"]
    heads += ["wave", "risk", "why"] if group is rows.UNSENT else []
    # What is the same in every row is left out.
    hidden = ({"target"} if len(report.targets) == 1 else set()) | _hidden(members, planned=planned)
    shown = [head for head in heads if head not in hidden]
    cells = (dict(zip(heads, _cells(group, *member, short), strict=True)) for member in members[:most])
    yield _table(shown, ([row[head] for head in shown] for row in cells))
    yield _rest(report, len(members) - most)


def _hidden(members: Sequence[tuple[TargetReport, TaskReport]], *, planned: bool) -> set[str]:
    """Return the columns of a group that tell its rows not apart."""
    marked = any(rows.mark(task) for _, task in members)
    explained = any(rows.why(task) for _, task in members)
    hidden = {"state"} if planned and not marked else set()
    hidden |= set() if any(task.wave for _, task in members) else {"wave", "risk"}
    return hidden | (set() if explained else {"why"})


def _cells(group: rows.Group, target: TargetReport, task: TaskReport, short: Callable[[str], str]) -> Iterator[str]:
    yield code(target.name)
    yield words.state(task.state)
    yield rows.direction(task)
    yield code(short(task.task_id))
    yield code(rows.name(task)) if task.task_name else ""
    if group is rows.ATTENTION:
        yield prose(rows.why(task))
    else:
        rule, origin, reason = rows.grounds(task)
        yield from (code(rule), code(origin), prose(reason))
        if group is rows.UNSENT:
            yield from (rows.wave(task), prose(rows.risk(task)), prose(rows.why(task)))


def _waves(report: Report) -> Iterator[str]:
    rows_of_all = [(target.name, wave) for target in report.targets for wave in waves.shown(report, target.name)]
    if rows_of_all:
        yield "### Waves"
        heads = ["target", "wave", "changes", "gate", "what it saw"]
        yield _table(heads, ([code(name), *map(prose, waves.cells(wave))] for name, wave in rows_of_all))


def _details(report: Report, most: int) -> Iterator[str]:
    files = _listed(report.policy.files, most)
    yield "<details><summary>Run, requests and timing</summary>"
    yield f"{prose(words.run(report))} Version {prose(report.version)}."
    yield f"Policy {code(report.policy.name)} from {files or 'no file'}, sha256 {code(report.policy.sha256)}."
    if report.only:
        yield f"Only {_listed(report.only, most)}."
    if report.shard:
        yield f"Shard {code(report.shard)} of the run."
    heads = ["target", "endpoint", "project", "list", "show", "PUT", "sent again", "slow down"]
    heads += ["asked/s", "reached/s", "p50 ms", "p95 ms", "p99 ms"]
    if report.targets:
        yield _table(heads, map(_details_row, report.targets[:most]))
    yield "</details>"


def _listed(texts: Sequence[str], most: int) -> str:
    shown = [*map(code, texts[:most]), *([f"{len(texts) - most:,} more"] if len(texts) > most else [])]
    return ", ".join(shown)


def _details_row(target: TargetReport) -> Iterator[str]:
    requests, rate, latency = target.requests, target.rate, target.latency_ms
    yield from map(code, (target.name, target.endpoint, target.project_id))
    for number in (requests.list, requests.show, requests.put, requests.retries, requests.throttled):
        yield f"{number:,}"
    for measured in (rate.asked_per_s, rate.effective_per_s, latency.p50, latency.p95, latency.p99):
        yield "" if measured is None else f"{measured:.1f}"


def _table(heads: list[str], cells: Iterable[Iterable[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
