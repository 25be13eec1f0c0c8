"""The DCS calls on the wire: how a request is built and what a good answer holds. No I/O, no clock.

An answer's fields become values of the model and nothing else: never a path, a format or a name to look up.
"""

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Final, TypeVar

from msgspec import Struct, ValidationError, convert

from enforcer.core.text.endpoint import TASK_ID_PATTERN
from enforcer.dcs.api.bodies import NotJsonError, error_of, parsed
from enforcer.dcs.api.call import LIST, SHOW, UPDATE, Answer, Call, Request, canonical_query
from enforcer.dcs.api.failures import classify, unanswered, unusable
from enforcer.dcs.api.texts import plain, shortened
from enforcer.model.answer import Failure, Page
from enforcer.model.task import NO_BANDWIDTH_LIMIT, ResumeMode, Task

_SAFE_ID: Final = re.compile(TASK_ID_PATTERN, re.ASCII)

# The field is documented as optional with the default "auto", so that no other body may ever be sent.
_BODIES: Final = {mode: b'{"resume_mode":"%s"}' % mode.value.encode() for mode in ResumeMode}
_MODES: Final = {mode.value: mode for mode in ResumeMode}
_LIMIT: Final = re.compile(r"[1-9][0-9]{0,8}", re.ASCII)
_TAKEN: Final = frozenset({200, 202, 204})
_CUT: Final = "it may have been cut off"
_SHAPES: Final[dict[type, str]] = {list: "a list", dict: "an object"}


class _Row(Struct):
    """What is read of a row of the list where its mode is all that matters. A field that it leaves out is None."""

    task_id: str | None = None
    resume_mode: object = None


class _FullRow(_Row):
    """What is read of it else."""

    task_name: str | None = None
    status: str | None = None
    migration_type: str | None = None
    migration_method: str | None = None
    source_instance_id: str | None = None
    source_instance_name: str | None = None
    target_instance_id: str | None = None
    target_instance_name: str | None = None


R = TypeVar("R", bound=_Row)


class UnsafeIdError(ValueError):
    """An id could not stand in a request's path; nothing was made of it."""


def is_safe_id(text: str) -> bool:
    """Whether *text* may stand in a request's path."""
    return _SAFE_ID.fullmatch(text) is not None


def list_request(project_id: str, *, offset: int, limit: int) -> Request:
    query = canonical_query((("limit", str(limit)), ("offset", str(offset))))
    return Request(call=LIST, path=f"{_project_path(project_id)}/migration-tasks", query=query)


def show_request(project_id: str, task_id: str) -> Request:
    return Request(call=SHOW, path=_task_path(project_id, task_id))


def update_request(project_id: str, task_id: str, mode: ResumeMode) -> Request:
    return Request(call=UPDATE, path=_task_path(project_id, task_id), body=_BODIES[mode])


def read_page(answer: Answer, *, target: str, offset: int) -> Page | Failure:
    """Return the page in *answer*. *offset* is the one asked for: it numbers the rows that have no id."""
    return _page(answer, target, offset, list[_FullRow | None], _task)


def read_modes(answer: Answer, *, target: str, offset: int) -> Page | Failure:
    """Do as `read_page`, and return of each task nothing but its id, its mode and its defect."""
    return _page(answer, target, offset, list[_Row | None], _bare_task)


def read_details(answer: Answer, *, target: str, task_id: str) -> Task | Failure:
    """Return the task in *answer*, by the fields that are named here: the rest holds passwords."""
    root = _document(SHOW, answer)
    if isinstance(root, Failure):
        return root
    told = root.get("task_id")
    if not isinstance(told, str):
        return unusable(SHOW, answer, "no details of a task")
    if told != task_id:
        # A mix-up on the way, in a proxy's memory say: the next answer may be the right one.
        return unanswered(SHOW, "it has the details of another task")
    source, destination = _part(root, "source_instance"), _part(root, "target_instance")
    mode, defect = _mode(root.get("resume_mode"))
    return Task(
        target=target,
        task_id=task_id,
        task_name=_text(root, "task_name"),
        status=_text(root, "status"),
        migration_type=_text(root, "migration_type"),
        migration_method=_text(root, "migration_method"),
        source_instance_id=_text(source, "id"),
        source_instance_name=_text(source, "name"),
        target_instance_id=_text(destination, "id"),
        target_instance_name=_text(destination, "name"),
        resume_mode=mode,
        bandwidth_limit_mb=_bandwidth_limit(root),
        defect=defect,
    )


def read_taken(answer: Answer, *, task_id: str) -> Failure | None:
    """Return None if *answer* says that the change was taken. The documented body is none at all."""
    if answer.status not in _TAKEN:
        return classify(UPDATE, answer)
    if not answer.body.strip():
        # Without a stated end, the nothing may be what is left of an error.
        return None if answer.is_bounded else unanswered(UPDATE, _CUT)
    try:
        root = parsed(answer.body)
    except NotJsonError as error:
        return unusable(UPDATE, answer, str(error))
    if error_of(root):
        return classify(UPDATE, answer)
    if isinstance(root, dict) and root.get("task_id", task_id) != task_id:
        return unusable(UPDATE, answer, "an answer about another task")
    return None if isinstance(root, dict | str) else unusable(UPDATE, answer, "JSON of an unknown shape")


def _document(call: Call, answer: Answer) -> dict[str, Any] | Failure:
    """Return the JSON object of a 200, or what the answer means instead."""
    if answer.status != 200:
        return classify(call, answer)
    try:
        root = parsed(answer.body)
    except NotJsonError as error:
        is_cut = not answer.is_bounded and answer.body[:1] == b"{"
        return unanswered(call, _CUT) if is_cut else unusable(call, answer, str(error))
    if not isinstance(root, dict):
        return unusable(call, answer, "JSON that is no object")
    return classify(call, answer) if error_of(root) else root


def _page(
    answer: Answer, target: str, offset: int, kind: type[list[R | None]], task: Callable[[R, str, int], Task]
) -> Page | Failure:
    """Return the page in *answer*, whose rows are read as *kind* and made a *task* each."""
    root = _document(LIST, answer)
    if isinstance(root, Failure):
        return root
    rows = root.get("migration_tasks")
    if not isinstance(rows, list):
        return unusable(LIST, answer, "no list of tasks")
    told = _told(rows, kind)
    numbered = enumerate(told, start=offset + 1)
    tasks = [_no_task(target, number) if row is None else task(row, target, number) for number, row in numbered]
    return Page(tasks=tuple(tasks), count=_count(root))


def _told(rows: list[Any], kind: type[list[R | None]]) -> list[R | None]:
    """Return what each of *rows* tells, None for one that is no object. A field of another type tells nothing."""
    try:
        return convert(rows, kind)
    except ValidationError:
        return convert([_sound(row) if isinstance(row, dict) else None for row in rows], kind)


def _sound(row: dict[str, Any]) -> dict[str, Any]:
    """Return those fields of *row* that are as they should be; a mode may be anything, and is judged later."""
    return {name: value for name, value in row.items() if isinstance(value, str) or name == "resume_mode"}


def _task(row: _FullRow, target: str, number: int) -> Task:
    task_id, mode, defect = _essentials(row, number)
    return Task(
        target=target,
        task_id=task_id,
        task_name=row.task_name,
        status=_met(row.status),
        migration_type=_met(row.migration_type),
        migration_method=_met(row.migration_method),
        source_instance_id=_met(row.source_instance_id),
        source_instance_name=_met(row.source_instance_name),
        target_instance_id=_met(row.target_instance_id),
        target_instance_name=_met(row.target_instance_name),
        resume_mode=mode,
        defect=defect,
    )


def _bare_task(row: _Row, target: str, number: int) -> Task:
    task_id, mode, defect = _essentials(row, number)
    return Task(target=target, task_id=task_id, resume_mode=mode, defect=defect)


def _no_task(target: str, number: int) -> Task:
    return Task(target=target, task_id=_nameless(number), defect=f"row {number} of the list is no object")


def _essentials(row: _Row, number: int) -> tuple[str, ResumeMode | None, str | None]:
    """Return the id that *row* goes by, its mode, and why no request may be sent for it."""
    mode, defect = _mode(row.resume_mode)
    if not row.task_id:
        return _nameless(number), mode, f"row {number} of the list has no task_id"
    if not _SAFE_ID.fullmatch(row.task_id):
        return row.task_id, mode, "the task_id has characters or a length that no request may carry"
    return row.task_id, mode, defect


@lru_cache(maxsize=8_192)
def _met(text: str | None) -> str | None:
    """Return *text* as it was met first, so that it is kept once for the tasks that share it.

    Of statuses there are few. Few instances have many tasks, or many have one: then not all are known.
    """
    return text


def _nameless(number: int) -> str:
    return f"(no id, row {number})"


def _mode(value: object) -> tuple[ResumeMode | None, str | None]:
    """Return the mode and what is wrong with it. A mode that was left out is not wrong."""
    if value is None:
        return None, None
    # Only text: a list or an object cannot be looked up.
    mode = _MODES.get(value) if isinstance(value, str) else None
    if mode is not None:
        return mode, None
    # A list or an object may be nested too deeply to be written.
    shown = _SHAPES.get(type(value)) or repr(shortened(plain(str(value)), 40))
    return None, f"its resume_mode is {shown}, which is neither auto nor manual"


def _text(fields: dict[str, Any], name: str) -> str | None:
    value = fields.get(name)
    return value if isinstance(value, str) else None


def _bandwidth_limit(fields: dict[str, Any]) -> int | None:
    """Return the limit in MB/s, documented as a text of digits; an empty one sets none. None: not told, or not so."""
    value = fields.get("bandwidth_limit_mb")
    if value == "":
        return NO_BANDWIDTH_LIMIT
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(text) if _LIMIT.fullmatch(text) else None


def _part(fields: dict[str, Any], name: str) -> dict[str, Any]:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}


def _count(root: dict[str, Any]) -> int | None:
    value = root.get("count")
    is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    return value if is_whole else None


def _task_path(project_id: str, task_id: str) -> str:
    return f"{_project_path(project_id)}/migration-task/{_safe(task_id)}"


@lru_cache(maxsize=64)
def _project_path(project_id: str) -> str:
    """Cached: all requests of a target have the same."""
    return f"/v2/{_safe(project_id)}"


def _safe(identifier: str) -> str:
    """Return *identifier*; raise UnsafeIdError if it could change the path that it is put into."""
    if not is_safe_id(identifier):
        raise UnsafeIdError(f"{identifier[:40]!r} cannot stand in a path")
    return identifier
