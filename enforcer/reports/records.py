"""The changes as the page's script reads them: compact JSON that may stand inside a script element.

What stands in every row once (a rule with its reason, a target's name) is written once. Text is harmless plain text.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import Attempt, State, TaskReport
from enforcer.reports import rows, words

_INERT = {ord("<"): r"\u003c", ord(">"): r"\u003e", ord("&"): r"\u0026"}
"""No end of a script element, comment or entity can stand in JSON whose strings have none of these."""


class Record(Struct, frozen=True, kw_only=True):
    """One change, its texts made visible: a row of the page's table. The script knows the fields by these names."""

    number: int
    """Its place in the plan, from 1, over all targets."""
    target: str
    id: str
    short_id: str
    name: str
    before: str
    desired: str
    observed: str
    rule: str
    origin: str
    rule_reason: str
    state: str
    label: str
    why: str
    attempts: int
    http: int | None
    code: str
    request: str
    started_s: float | None
    duration_ms: float | None
    earlier: tuple[Attempt, ...]


_SHARED = ("target", "rule", "origin", "rule_reason", "state", "label", "why")
"""Fields whose texts repeat, so that a row has their number in a list of texts."""
_FIELDS = tuple(Record.__annotations__)


def records(report: Report) -> list[Record]:
    """Return every change, worst state first, plan order inside a state."""
    ids = rows.short_ids(report)
    planned = enumerate(((target, task) for target in report.targets for task in target.tasks), start=1)
    ranked = sorted(planned, key=lambda numbered: rows.RANK[numbered[1][1].state])
    labels = {state: words.state_in(report, state) for state in State}
    mark = rows.mark if words.is_only_planned(report) else lambda _: ""
    return [_record(number, target, task, mark(task) or labels[task.state], ids) for number, (target, task) in ranked]


class Concern(Struct, frozen=True, kw_only=True):
    """Changes that need a person for the same reason."""

    state: str
    label: str
    why: str
    records: tuple[Record, ...]


def concerns(found: Iterable[Record]) -> list[Concern]:
    """Return what needs a person, worst state first, as one concern for all changes with the same trouble."""
    alike: dict[tuple[str, str, str], list[Record]] = {}
    for each in found:
        if each.state in rows.ATTENTION.states:
            alike.setdefault((each.state, each.label, each.why), []).append(each)
    return [
        Concern(state=state, label=label, why=why, records=tuple(members))
        for (state, label, why), members in alike.items()
    ]


def to_json(found: list[Record]) -> str:
    """Return *found* as JSON, one line for each change."""
    texts: dict[str, int] = {}
    lines = [_inert([_packed(name, getattr(each, name), texts) for name in _FIELDS]) for each in found]
    head = _inert({"fields": _FIELDS, "shared": _SHARED, "texts": list(texts)})
    return head.removesuffix("}") + ',"changes":[\n' + ",\n".join(lines) + "\n]}"


def _record(number: int, target: TargetReport, task: TaskReport, label: str, ids: Mapping[str, str]) -> Record:
    rule, origin, rule_reason = rows.grounds(task)
    return Record(
        number=number,
        target=visible(target.name),
        id=visible(task.task_id),
        short_id=ids[task.task_id],
        name=visible(task.task_name or ""),
        before=task.before or "",
        desired=task.desired,
        observed=task.observed_after or "",
        rule=rule,
        origin=origin,
        rule_reason=rule_reason,
        state=task.state,
        label=label,
        why=rows.because(task),
        attempts=task.attempts,
        http=task.http_status,
        code=visible(task.error_code or "", 64),
        request=visible(task.request_id or "", 64),
        started_s=task.started_s,
        duration_ms=task.duration_ms,
        earlier=task.earlier,
    )


def _packed(name: str, value: Any, texts: dict[str, int]) -> Any:
    if name in _SHARED:
        return texts.setdefault(value, len(texts))
    if name == "earlier":
        return [list(_attempt(attempt)) for attempt in value]
    return value


def _attempt(attempt: Attempt) -> Iterator[Any]:
    """Yield when it started, what came back and under which id, how long that took, and the wait after it."""
    yield attempt.started_s
    yield visible(attempt.message or "", 512)
    yield attempt.http_status
    yield visible(attempt.request_id or "", 64)
    yield attempt.duration_ms
    yield attempt.wait_s


def _inert(value: Any) -> str:
    return msgspec.json.encode(value).decode().translate(_INERT)
