"""The changes as the page's script reads them: compact JSON that may stand inside a script element.

What stands in every row once (a rule with its reason, a target's name) is written once. Text is harmless plain text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import islice, takewhile
from operator import attrgetter
from typing import Any, Final

import msgspec
from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import Attempt, TaskReport
from enforcer.reports import rows, words
from enforcer.reports.kinds import is_only_planned

_INERT: Final = {"<": r"\u003c", ">": r"\u003e", "&": r"\u0026"}
"""No end of a script element, comment or entity can stand in JSON whose strings have none of these."""
_TOGETHER: Final = 200
"""Changes that are written at once."""
SHOWN: Final = 5
"""Changes that a concern names."""


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
_FIELDS = Record.__struct_fields__
_VALUES = attrgetter(*_FIELDS)
_SHARED_AT = tuple(map(_FIELDS.index, _SHARED))
_EARLIER_AT = _FIELDS.index("earlier")
_ENCODER = msgspec.json.Encoder()


def records(report: Report, short_id: Callable[[str], str]) -> Iterator[Record]:
    """Yield every change, worst state first, plan order inside a state; *short_id* says what to call a task's id."""
    states = {task.state for target in report.targets for task in target.tasks}
    mark = rows.mark if is_only_planned(report) else lambda _: ""
    for state in sorted(states, key=rows.RANK.__getitem__):
        label = words.state_in(report, state)
        planned = ((target, task) for target in report.targets for task in target.tasks)
        for number, (target, task) in enumerate(planned, start=1):
            if task.state is state:
                yield _record(number, target, task, mark(task) or label, short_id(task.task_id))


class Concern(Struct, frozen=True, kw_only=True):
    """Changes that need a person for the same reason."""

    state: str
    label: str
    why: str
    count: int
    records: tuple[Record, ...]
    """The first SHOWN of them."""


def concerns(found: Iterable[Record]) -> list[Concern]:
    """Return what needs a person, worst state first, as one concern for all changes with the same trouble.

    *found* is as `records` has it.
    """
    counts: Counter[tuple[str, str, str]] = Counter()
    firsts: dict[tuple[str, str, str], list[Record]] = {}
    for each in takewhile(lambda each: each.state in rows.ATTENTION.states, found):
        trouble = each.state, each.label, each.why
        counts[trouble] += 1
        if counts[trouble] <= SHOWN:
            firsts.setdefault(trouble, []).append(each)
    return [
        Concern(state=state, label=label, why=why, count=count, records=tuple(firsts[state, label, why]))
        for (state, label, why), count in counts.items()
    ]


def to_json(found: Iterator[Record]) -> Iterator[str]:
    """Yield *found* as JSON, one line for each change, in pieces."""
    texts: dict[str, int] = {}
    head = _inert(msgspec.json.encode({"fields": _FIELDS, "shared": _SHARED})).removesuffix("}")
    yield f'{head},"changes":[\n'
    before = ""
    while some := [_packed(each, texts) for each in islice(found, _TOGETHER)]:
        lines = _inert(_ENCODER.encode_lines(some)).removesuffix("\n")
        yield before + lines.replace("\n", ",\n")  # no other newline stands in JSON
        before = ",\n"
    yield f'\n],"texts":{_inert(msgspec.json.encode(list(texts)))}}}'


def _record(number: int, target: TargetReport, task: TaskReport, label: str, short_id: str) -> Record:
    rule, origin, rule_reason = rows.grounds(task)
    return Record(
        number=number,
        target=visible(target.name),
        id=visible(task.task_id),
        short_id=short_id,
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


def _packed(record: Record, texts: dict[str, int]) -> list[Any]:
    """Return the fields of *record*; what repeats as the number of its text in *texts*."""
    values = list(_VALUES(record))
    for place in _SHARED_AT:
        values[place] = texts.setdefault(values[place], len(texts))
    values[_EARLIER_AT] = [list(_attempt(attempt)) for attempt in record.earlier]
    return values


def _attempt(attempt: Attempt) -> Iterator[Any]:
    """Yield when it started, what came back and under which id, how long that took, and the wait after it."""
    yield attempt.started_s
    yield visible(attempt.message or "", 512)
    yield attempt.http_status
    yield visible(attempt.request_id or "", 64)
    yield attempt.duration_ms
    yield attempt.wait_s


def _inert(data: bytes) -> str:
    text = data.decode()
    for char, escape in _INERT.items():
        text = text.replace(char, escape)
    return text
