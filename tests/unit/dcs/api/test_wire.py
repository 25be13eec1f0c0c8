"""Rows, pages, details and the answer to a change, as the API's documents and its faults have them."""

import json

import pytest

from enforcer.dcs.api import wire
from enforcer.dcs.api.call import Answer
from enforcer.model.answer import Failure, FailureKind, Page
from enforcer.model.task import NO_BANDWIDTH_LIMIT, ResumeMode, Task

ID = "2944a563-6f27-4604-9c16-a9a53cd95cc7"
ROW: dict[str, object] = {
    "task_id": ID,
    "task_name": "pay-1",
    "status": "INCRMIGEATING",
    "migration_type": "online_migration",
    "migration_method": "incremental_migration",
    "source_instance_id": "s-id",
    "source_instance_name": "s",
    "target_instance_id": "t-id",
    "target_instance_name": "t",
    "resume_mode": "auto",
    "supported_features": [],
    "error_message": None,
}


def ok(value, status=200):
    return Answer(status=status, headers={}, body=value if isinstance(value, bytes) else json.dumps(value).encode())


def page_of(*rows, offset=0, **fields):
    page = wire.read_page(ok({"migration_tasks": list(rows), **fields}), target="prod", offset=offset)
    assert isinstance(page, Page)
    return page


def task_of(row):
    (task,) = page_of(row).tasks
    return task


def test_a_full_row():
    assert task_of(ROW) == Task(
        target="prod",
        task_id=ID,
        task_name="pay-1",
        status="INCRMIGEATING",
        migration_type="online_migration",
        migration_method="incremental_migration",
        source_instance_id="s-id",
        source_instance_name="s",
        target_instance_id="t-id",
        target_instance_name="t",
        resume_mode=ResumeMode.AUTO,
    )


def test_what_tasks_share_is_kept_once():
    (first,), (second,) = page_of(ROW).tasks, page_of(ROW, offset=1000).tasks

    for name in ("status", "source_instance_id", "source_instance_name", "target_instance_id", "target_instance_name"):
        assert getattr(first, name) is getattr(second, name)


def test_of_modes_alone_a_row_tells_its_id_its_mode_and_its_defect():
    rows = [ROW, {**ROW, "task_id": "a b"}, {**ROW, "task_id": 7}, {**ROW, "resume_mode": "x", "status": 7}, "no row"]
    answer = ok({"migration_tasks": rows, "count": 5})

    whole = wire.read_page(answer, target="prod", offset=3)
    modes = wire.read_modes(answer, target="prod", offset=3)

    assert isinstance(whole, Page)
    assert isinstance(modes, Page)
    assert modes.count == 5
    assert modes.tasks == tuple(
        Task(target="prod", task_id=task.task_id, resume_mode=task.resume_mode, defect=task.defect)
        for task in whole.tasks
    )
    assert [task.defect is None for task in modes.tasks] == [True, False, False, False, False]


def test_fields_that_are_missing_or_odd_are_none():
    assert task_of({"task_id": ID, "task_name": 7, "status": None}) == Task(target="prod", task_id=ID)


@pytest.mark.parametrize("task_id", [None, "", 7, True, ["x"], {}])
def test_a_row_without_an_id_is_named_by_its_place(task_id):
    _, task = page_of(ROW, {**ROW, "task_id": task_id}, offset=500).tasks

    assert task.task_id == "(no id, row 502)"
    assert task.defect == "row 502 of the list has no task_id"


def test_a_row_that_is_no_object():
    (task,) = page_of("x", offset=10).tasks

    assert task.task_id == "(no id, row 11)"
    assert task.defect == "row 11 of the list is no object"


HOSTILE_IDS = [
    "..",
    ".",
    "../migration-tasks",
    "a/b",
    "a%2fb",
    "a?x=1",
    "a#f",
    "a\r\nX: y",
    "a b",
    "a\0",
    "-a",
    "_a",
    "é",
    "\N{FULLWIDTH DIGIT ONE}",
    "a\n",
    "a" * 129,
    "a" * 10_000,
    ";rm",
    "a;b",
    "a:b@c",
    "\\",
]


@pytest.mark.parametrize("task_id", HOSTILE_IDS, ids=range(len(HOSTILE_IDS)))
def test_a_hostile_id_is_a_defect_and_has_no_path(task_id):
    assert task_of({**ROW, "task_id": task_id}).defect is not None
    with pytest.raises(ValueError, match="cannot stand in a path"):
        wire.update_request("p", task_id, ResumeMode.AUTO)
    with pytest.raises(ValueError, match="cannot stand in a path"):
        wire.show_request("p", task_id)


@pytest.mark.parametrize("task_id", ["a", "A9", ID, "8aa6999e71cb638b0171f485f5266ef0", "a" * 128, "a-_"])
def test_an_ordinary_id_stands_in_its_path_as_it_is(task_id):
    assert wire.show_request("p", task_id).target == f"/v2/p/migration-task/{task_id}"


@pytest.mark.parametrize("row", [{"task_id": ID}, {"task_id": ID, "resume_mode": None}])
def test_a_mode_that_was_left_out_is_no_defect(row):
    task = task_of(row)

    assert (task.resume_mode, task.defect) == (None, None)


@pytest.mark.parametrize(
    ("value", "shown"),
    [("AUTO", "'AUTO'"), ("", "''"), (1, "'1'"), (["auto"], "auto"), ("\x1b[31m" + "x" * 99, "…")],
)
def test_a_mode_that_is_none_is_a_defect_that_names_it(value, shown):
    task = task_of({**ROW, "resume_mode": value})

    assert task.resume_mode is None
    assert task.defect is not None
    assert shown in task.defect
    assert task.defect.isprintable()
    assert len(task.defect) < 120


@pytest.mark.parametrize(
    ("count", "read"), [(5, 5), (0, 0), (True, None), (-1, None), ("5", None), (5.0, None), (None, None)]
)
def test_a_count_is_a_whole_number_or_nothing(count, read):
    assert page_of(count=count).count == read


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"null",
        b"[]",
        b'"x"',
        b"{}",
        b"NaN",
        b'{"migration_tasks": {}}',
        b'{"migration_tasks": null}',
        b'{"migration_tasks": [',
        b"\xef\xbb\xbf{}",
        b'{"migration_tasks": ["\xff"]}',
        b'{"migration_tasks": ["\\ud800"]}',
        b"[" * 100_000,
        b'{"count": ' + b"1" * 5000 + b', "migration_tasks": []}',
        '{"migration_tasks": []}'.encode("utf-16"),
    ],
    ids=range(16),
)
def test_a_200_that_is_no_page_is_not_dcs(body):
    failure = wire.read_page(ok(body), target="t", offset=0)

    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.PROTOCOL


@pytest.mark.parametrize("status", [201, 204, 206])
def test_a_page_comes_with_200_only(status):
    failure = wire.read_page(ok({"migration_tasks": []}, status), target="t", offset=0)

    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.PROTOCOL


def test_an_error_in_a_200_is_judged_by_its_code():
    body = {"error_code": "DCS.2003", "error_msg": "no", "migration_tasks": []}

    failure = wire.read_page(ok(body), target="t", offset=0)

    assert isinstance(failure, Failure)
    assert failure.kind is FailureKind.DENIED


DETAILS = {
    "task_id": ID,
    "status": "MIGRATING",
    "resume_mode": "manual",
    "source_instance": {"id": "s-id", "name": "s", "password": "CANARY-1", "addrs": "1.2.3.4:6379"},
    "target_instance": {"id": "t-id", "name": "t", "password": "CANARY-2"},
}


def test_details_are_read_without_passwords():
    task = wire.read_details(ok(DETAILS), target="prod", task_id=ID)

    assert isinstance(task, Task)
    assert (task.resume_mode, task.source_instance_id, task.target_instance_name) == ("manual", "s-id", "t")
    assert "CANARY" not in repr(task)


@pytest.mark.parametrize(
    ("told", "limit"),
    [
        ("20", 20),
        (20, 20),
        ("", NO_BANDWIDTH_LIMIT),
        (None, None),
        ("0", None),
        ("-1", None),
        ("20 MB", None),
        ("٢", None),
        (True, None),
        ([], None),
        ("9" * 10, None),
    ],
)
def test_the_bandwidth_limit_is_a_number_none_at_all_or_not_known(told, limit):
    task = wire.read_details(ok({**DETAILS, "bandwidth_limit_mb": told}), target="prod", task_id=ID)

    assert limit == task.bandwidth_limit_mb


@pytest.mark.parametrize(
    ("task_id", "kind"),
    [("other", FailureKind.TRANSIENT), (None, FailureKind.PROTOCOL), (7, FailureKind.PROTOCOL)],
)
def test_details_of_another_task_are_no_answer(task_id, kind):
    failure = wire.read_details(ok({**DETAILS, "task_id": task_id}), target="prod", task_id=ID)

    assert isinstance(failure, Failure)
    assert failure.kind is kind


@pytest.mark.parametrize("part", [None, "x", [], {"id": 1}])
def test_details_with_odd_parts_are_read_as_far_as_they_go(part):
    task = wire.read_details(ok({**DETAILS, "source_instance": part}), target="prod", task_id=ID)

    assert isinstance(task, Task)
    assert task.source_instance_id is None


@pytest.mark.parametrize(
    ("status", "body"),
    [(200, b""), (204, b""), (202, b"{}"), (200, b"{}"), (200, b'"done"'), (200, json.dumps({"task_id": ID}).encode())],
)
def test_a_change_is_taken(status, body):
    assert wire.read_taken(ok(body, status), task_id=ID) is None


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"<html>", FailureKind.LOST),
        (200, b"{", FailureKind.LOST),
        (200, b"null", FailureKind.LOST),
        (200, b"[]", FailureKind.LOST),
        (200, b"7", FailureKind.LOST),
        (200, b'{"task_id": "other"}', FailureKind.LOST),
        (201, b"", FailureKind.LOST),
        (200, b'{"error_code": "DCS.4957", "error_msg": "no"}', FailureKind.REJECTED),
        (200, b'{"x": {"error_code": "DCS.4957", "error_msg": "no"}}', FailureKind.REJECTED),
        (302, b"", FailureKind.PROTOCOL),
    ],
)
def test_a_change_is_not_taken(status, body, kind):
    failure = wire.read_taken(ok(body, status), task_id=ID)

    assert failure is not None
    assert failure.kind is kind


def test_the_list_is_asked_for_with_limit_and_offset():
    assert wire.list_request("p", offset=1000, limit=500).target == "/v2/p/migration-tasks?limit=500&offset=1000"
