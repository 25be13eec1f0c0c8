"""Whatever a server sends, reading it ends in a value: never an exception, never a false success."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcer.dcs.api import wire
from enforcer.dcs.api.bodies import NotJsonError, parsed
from enforcer.dcs.api.call import CALLS, UPDATE, Answer
from enforcer.dcs.api.failures import classify
from enforcer.model.answer import Failure, FailureKind, Page
from enforcer.model.task import ResumeMode, Task

TASK_ID = "2944a563-6f27-4604-9c16-a9a53cd95cc7"

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)
codes = st.sampled_from(
    ["DCS.4133", "DCS.1004", "DCS.2003", "DCS.5000", "111400063", "111401001", "APIGW.0308", "APIG.0308", "APIGW.0101"]
)
errors = st.fixed_dictionaries({"error_code": codes | st.text(), "error_msg": st.text()})
documents = st.one_of(
    errors,
    errors.map(lambda error: {"error": {"code": error["error_code"], "message": error["error_msg"]}}),
    json_values,
    st.fixed_dictionaries({"count": json_values, "migration_tasks": st.lists(json_values, max_size=3)}),
)
bodies = st.binary() | documents.map(lambda value: json.dumps(value).encode())
headers = st.dictionaries(st.sampled_from(["Retry-After", "Date", "X-Request-Id"]), st.text(), max_size=3)
statuses = st.integers() | st.sampled_from([200, 202, 204, 301, 400, 401, 403, 404, 429, 500, 502, 503, 504])
answers = st.builds(Answer, status=statuses, headers=headers, body=bodies)


pairs = st.recursive(
    st.none() | st.integers() | st.text('aé\\/": \n', max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.lists(st.tuples(st.sampled_from(["a", "b", "é", '"', "\\", "a b", ""]), inner), max_size=3).map(tuple)
    ),
    max_leaves=8,
)
"""JSON with every pair of its objects, which are tuples of pairs: names may be equal."""


def written(value, *, blank, ascii_only):
    """Return the JSON of *value*, one of `pairs`, with *blank* wherever there may be blanks."""
    if isinstance(value, tuple):
        inner = [
            f"{json.dumps(name, ensure_ascii=ascii_only)}{blank}:{written(each, blank=blank, ascii_only=ascii_only)}"
            for name, each in value
        ]
        return f"{blank}{{{blank}{f'{blank},{blank}'.join(inner)}{blank}}}{blank}"
    if isinstance(value, list):
        inner = [written(each, blank=blank, ascii_only=ascii_only) for each in value]
        return f"{blank}[{f'{blank},{blank}'.join(inner)}]{blank}"
    return f"{blank}{json.dumps(value, ensure_ascii=ascii_only)}{blank}"


def has_equal_names(value):
    if isinstance(value, tuple):
        return len(dict(value)) < len(value) or any(has_equal_names(each) for _, each in value)
    return isinstance(value, list) and any(map(has_equal_names, value))


@given(value=pairs, blank=st.sampled_from(["", " ", "\r\n\t"]), ascii_only=st.booleans())
def test_equal_names_are_refused_however_the_json_is_written(value, blank, ascii_only):
    text = written(value, blank=blank, ascii_only=ascii_only)

    if has_equal_names(value):
        with pytest.raises(NotJsonError, match="one name twice"):
            parsed(text.encode())
    else:
        assert parsed(text.encode()) == json.loads(text)


@given(call=st.sampled_from(CALLS), answer=answers)
def test_every_answer_is_classified(call, answer):
    failure = classify(call, answer)

    assert len(failure.message) <= 300
    assert failure.message.isprintable()
    assert failure.http_status == answer.status
    assert failure.retry_after_s is None or failure.retry_after_s >= 0
    assert (failure.kind is FailureKind.LOST) <= call.changes


@given(answer=answers)
def test_a_change_is_taken_only_by_an_accepted_status_without_an_error(answer):
    failure = wire.read_taken(answer, task_id=TASK_ID)

    if failure is None:
        assert answer.status in {200, 202, 204}
        assert b'"error_code"' not in answer.body or b'"error_code": ""' in answer.body


@given(answer=answers, offset=st.integers(0, 10**6))
def test_every_page_is_read_or_refused(answer, offset):
    page = wire.read_page(answer, target="t", offset=offset)

    assert isinstance(page, Page | Failure)
    if isinstance(page, Page):
        assert all(wire.is_safe_id(task.task_id) or task.defect for task in page.tasks)


@given(answer=answers)
def test_details_are_those_asked_for_or_refused(answer):
    task = wire.read_details(answer, target="t", task_id=TASK_ID)

    assert isinstance(task, Task | Failure)
    assert isinstance(task, Failure) or task.task_id == TASK_ID


rows = st.fixed_dictionaries(
    {},
    optional={
        "task_id": json_values | st.just(TASK_ID),
        "resume_mode": json_values | st.sampled_from(["auto", "manual", "AUTO"]),
        "task_name": json_values,
        "status": json_values,
        "source_instance_id": json_values,
    },
)


@given(rows=st.lists(rows | json_values, max_size=5), offset=st.integers(0, 5000))
def test_a_row_yields_one_task_and_a_mode_only_if_it_is_one(rows, offset):
    body = json.dumps({"count": len(rows), "migration_tasks": rows})
    answer = Answer(status=200, headers={}, body=body.encode())

    page = wire.read_page(answer, target="t", offset=offset)

    # Numbers that JSON has no room for (NaN, huge ones) make the whole page unreadable.
    if isinstance(page, Failure):
        assert page.kind is FailureKind.PROTOCOL
        return
    assert len(page.tasks) == len(rows)
    for row, task in zip(rows, page.tasks, strict=True):
        stated = row.get("resume_mode") if isinstance(row, dict) else None
        assert task.resume_mode == (stated if stated in ("auto", "manual") else None)


@given(text=st.text(max_size=140) | st.from_regex(r"[A-Za-z0-9_-]{1,130}", fullmatch=True))
def test_a_safe_id_is_the_last_part_of_its_path_and_nothing_else(text):
    if wire.is_safe_id(text):
        path = wire.update_request("p", text, ResumeMode.AUTO).path
        assert path == f"/v2/p/migration-task/{text}"
        assert text.isascii()
        assert not set(text) & set("./?#%\\ \r\n\0")


def test_the_bodies_of_a_change_are_exactly_two():
    sent = {wire.update_request("p", "t", mode).body for mode in ResumeMode}

    assert sent == {b'{"resume_mode":"auto"}', b'{"resume_mode":"manual"}'}
    assert wire.update_request("p", "t", ResumeMode.AUTO).call is UPDATE
