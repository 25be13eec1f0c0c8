"""Rows 50 to 62 of docs/faults.md: lists that shrink, shift, lie or never end, and what stands in them."""

import pytest

from tests.faults import actions as do
from tests.faults.proved import messages, proved
from tests.faults.rules import Rule
from tests.faults.store import Store

HOSTILE_IDS = ["..", ".", "a/b", "%2f", "a?x=1", "a#f", "ünicode", "a\x00b", "x" * 10_000, "-a", " a", "a\r\nb"]


def inventory(history):
    return history.report["targets"][0]["inventory"]


def lists(history):
    return [record for record in history.records if record.kind == "list"]


def skipped(history):
    return {task["task_id"]: task["reason"] for task in history.in_state("skipped")}


@pytest.mark.parametrize("change", ["insert", "delete"])
def test_fault_51_and_52_the_list_shifts_while_it_is_read(tmp_path, change):
    def meddle(store):
        if change == "insert":
            store.insert_first()
        else:
            store.delete(store.ids[0])

    history = proved(tmp_path, Rule(kind="list", do=do.meddle(meddle)), store=Store(8, max_page=4))

    assert inventory(history)["stable"] is True, "it was read again, and stood still"
    assert len(history.in_state("verified")) == (8 if change == "insert" else 7)


def test_fault_51_the_list_never_stands_still(tmp_path):
    def meddle(store):
        store.insert_first(f"search-{len(store.ever)}")

    rule = Rule(kind="list", times=None, after_put=False, do=do.meddle(meddle))
    history = proved(tmp_path, rule, store=Store(8, max_page=4), code=3)

    assert inventory(history)["stable"] is False
    assert len(history.in_state("verified")) == 8


@pytest.mark.parametrize("count", [3, 900], ids=["too few", "too many"])
def test_fault_51_the_count_is_wrong(tmp_path, count):
    rule = Rule(kind="list", times=None, do=do.altered(lambda body: {**body, "count": count}))
    history = proved(tmp_path, rule, code=3)

    assert inventory(history)["stable"] is False
    assert len(history.in_state("verified")) == 6


def test_fault_53_the_offset_is_ignored(tmp_path):
    history = proved(tmp_path, Rule(kind="list", times=None, do=do.ignore_offset), store=Store(6, max_page=3), code=76)

    assert len(lists(history)) <= 4
    assert "does not end" in messages(history)
    assert history.puts == []


def test_fault_54_a_server_with_small_pages(tmp_path):
    history = proved(tmp_path, store=Store(25, max_page=10))

    assert len(history.in_state("verified")) == 25
    assert all("limit=1000&offset=" in record.target for record in lists(history))


def test_fault_55_more_tasks_than_allowed(tmp_path):
    history = proved(tmp_path, store=Store(30, max_page=5), code=4, limits="max_inventory: 12")

    assert history.puts == []
    assert "max_inventory" in messages(history)
    assert len(lists(history)) == 3, "three pages, each with the last row of the one before: 13 tasks"


@pytest.mark.parametrize(("changes", "code"), [(40, 0), (10, 3)], ids=["one in forty", "one in ten"])
def test_fault_56_a_task_is_gone_when_its_turn_comes(tmp_path, changes, code):
    history = proved(
        tmp_path, Rule(kind="put", nth=3, do=do.delete_task()), store=Store(changes), code=code, pace=50, concurrency=1
    )

    (gone,) = history.in_state("gone")
    assert len(history.puts_of(gone["task_id"])) == 1
    assert gone["error_code"] == "DCS.4133"


def test_fault_56_an_api_that_does_not_exist_is_no_task_that_is_gone(tmp_path):
    action = do.status(404, "APIGW.0101", "The API does not exist or has not been published in the environment")
    history = proved(tmp_path, Rule(kind="put", nth=2, do=action), code=76, concurrency=1)

    assert history.in_state("gone") == []
    assert len(history.puts) == 2


def test_fault_57_somebody_else_did_it_long_after_the_list(tmp_path):
    # A throttle of two minutes makes the list old: it is read again before the PUTs that are left.
    def done_by_hand(store):
        store.edit(store.ids[5], resume_mode=store.wanted[store.ids[5]])

    rule = Rule(kind="put", nth=1, do=do.throttled(Retry_After="130"))
    after = Rule(kind="put", nth=2, do=do.meddle(done_by_hand))
    history = proved(tmp_path, rule, after, store=Store(6), concurrency=1, pace=200)

    assert len(history.in_state("verified")) == 6
    assert len(history.puts) < 7
    assert sum(record.kind == "list" for record in history.records) >= 3


def a_row(task_id="0f21ddb6-6cad-4a26-8d11-6ece1738f7d9", **fields):
    usual = {"migration_type": "online_migration", "migration_method": "incremental_migration"}
    return {
        "task_id": task_id,
        "task_name": "wan-odd",
        "status": "INCRMIGEATING",
        **usual,
        "resume_mode": "auto",
    } | fields


@pytest.mark.parametrize("mode", ["AUTO", "", 1, True, ["auto"], {"mode": "auto"}], ids=str)
def test_fault_58_a_mode_that_is_none(tmp_path, mode):
    history = proved(tmp_path, store=Store(6, odd=[a_row(resume_mode=mode)]), code=3)
    (reason,) = skipped(history).values()

    assert "resume_mode" in reason
    assert len(history.in_state("verified")) == 6


def test_fault_58_a_status_and_fields_that_nobody_knows(tmp_path):
    odd = [
        a_row(status="DREAMING"),
        a_row(f"{'b' * 32}", status=None, task_name="wan-7", source_instance_name=7),
        a_row("c" * 32, migration_type=["x"]),
    ]
    history = proved(tmp_path, store=Store(6, odd=odd))

    assert history.in_state("skipped") == []
    left = {each["reason"]: each["count"] for each in history.report["targets"][0]["left"]}
    assert left["not eligible"] >= 3, "what is not known to be eligible is left alone"


def test_fault_59_names_that_are_meant_to_do_harm(tmp_path):
    names = [
        "wan-\x1b]0;owned\x07",
        "wan-\r\nINJECTED line",
        "wan-\u202egnp",
        "wan-=cmd()",
        "wan-<script>",
        "wan-" + "x" * 10**6,
    ]
    store = Store(len(names))
    for task_id, name in zip(store.ids, names, strict=False):
        store.rows[task_id] |= {"task_name": name, "resume_mode": "auto"}
        store.wanted[task_id] = "manual"
    history = proved(tmp_path, store=store)

    assert len(history.in_state("verified")) == len(names)
    shown = history.written["stdout"] + history.written["stderr"] + history.log
    assert not any(each in shown for each in (b"\x1b", b"\r", "\u202e".encode(), b"\nINJECTED"))
    assert all(len(line) < 16_384 for line in history.log.splitlines())


def test_fault_60_ids_that_no_path_may_have(tmp_path):
    history = proved(tmp_path, store=Store(6, odd=[a_row(task_id) for task_id in HOSTILE_IDS]), code=3)

    # C8 has seen that no request had one of them in it.
    assert len(skipped(history)) == len(HOSTILE_IDS)
    assert len(history.in_state("verified")) == 6


def test_fault_61_two_rows_of_one_task_that_differ(tmp_path):
    one = a_row()
    history = proved(tmp_path, store=Store(6, odd=[one, one | {"resume_mode": "manual"}]), code=3)

    assert skipped(history) == {one["task_id"]: "it is listed twice, with different values"}


def test_fault_62_a_change_that_the_service_refuses(tmp_path):
    store = Store(6)
    action = do.status(400, "DCS.4063", "Invalid operation")
    history = proved(tmp_path, Rule(kind="put", task_id=store.ids[3], times=None, do=action), store=store, code=3)
    (failed,) = history.in_state("failed")

    assert (failed["task_id"], failed["error_code"], failed["attempts"]) == (store.ids[3], "DCS.4063", 1)


def test_fault_62_the_first_changes_are_all_refused_alike(tmp_path):
    action = do.status(400, "DCS.4063", "Invalid operation")
    history = proved(tmp_path, Rule(kind="put", times=None, do=action), store=Store(20), code=5, concurrency=1)

    assert len(history.puts) == 5
    assert len(history.in_state("not_attempted")) == 15


def test_fault_62_tasks_that_are_not_eligible_are_left_alone(tmp_path):
    store = Store(6)
    store.edit(store.ids[0], migration_type="backupfile_import")
    store.edit(store.ids[1], status="TERMINATED")
    history = proved(tmp_path, store=store)

    assert len(history.tasks) == 4
