"""Rows 33 to 41 of docs/faults.md: a server that says "slow down", is overloaded, or is gone for a while."""

import re

import pytest

from tests.faults import actions as do
from tests.faults.proved import a_server, hints, messages, proved, proved_against, quiet_spells, until
from tests.faults.rules import Rule
from tests.faults.store import Store


def throttled(history):
    return [record for record in history.records if record.status == 429]


def test_fault_33_a_gate_closes_for_everybody(tmp_path):
    rules = [
        Rule(kind="put", nth=4, do=do.throttled()),
        Rule(kind="put", nth=9, times=2, do=do.throttled()),
        Rule(kind="list", after_put=True, do=do.throttled()),
    ]
    history = proved(tmp_path, *rules, store=Store(12), concurrency=4, pace=5)
    spells = list(quiet_spells(history))

    assert len(spells) >= 3
    assert [late for _, came in spells for late in came] == [], "nothing is sent while the gate is closed"
    assert all(event.wait_s >= 2 for event in history.events("throttle.gated"))
    assert {task["attempts"] for task in history.tasks} == {1, 2}
    assert len(history.in_state("verified")) == 12


def test_fault_33_a_bucket_that_holds_less_than_asked_for(tmp_path):
    # Asked for 8 a second, given 5: after the first refusals the rate stays below what is given.
    pace = 10
    bucket = do.Bucket(rate=5 * pace, burst=5)
    history = proved(tmp_path, Rule(times=None, do=do.throttle(bucket, "")), store=Store(100), rate=(8, "s"), pace=pace)

    assert len(throttled(history)) <= 0.1 * len(history.records)
    assert history.report["targets"][0]["requests"]["throttled"] == len(throttled(history))


@pytest.mark.parametrize(
    ("hint", "read_as", "at_least"),
    [
        ("7", 7.0, 7.0),
        ("0", 0.0, 2.0),
        ("-5", 0.0, 2.0),
        ("٣٠", None, 2.0),
        ("9" * 400, None, 2.0),
        ("soon", None, 2.0),
        ("3\r\nRetry-After: 4000", None, 2.0),
    ],
    ids=["seconds", "zero", "negative", "Arabic digits", "400 digits", "words", "two that differ"],
)
def test_fault_34_a_hint_is_heeded_if_it_is_one(tmp_path, hint, read_as, at_least):
    action = do.garbage(
        b"HTTP/1.1 429 X\r\nContent-Length: 0\r\nConnection: close\r\nRetry-After: " + hint.encode() + b"\r\n\r\n"
    )
    history = proved(tmp_path, Rule(kind="put", nth=2, do=action), store=Store(3), pace=50)
    (gate,) = history.events("throttle.gated")

    assert at_least <= gate.wait_s <= max(at_least * 1.1, 5.0)
    assert gate.retry_after_s == read_as


def test_fault_34_a_hint_that_is_too_long_ends_the_run(tmp_path):
    history = proved(tmp_path, Rule(kind="put", nth=3, do=do.throttled(Retry_After="301")), code=5, concurrency=1)

    assert len(history.in_state("not_attempted")) >= 3
    assert re.search(r"301 s.*until .*\dT\d\d:\d\d:\d\dZ", messages(history))


@pytest.mark.parametrize("strict", [False, True], ids=["counts what it takes", "counts what it refuses, too"])
def test_fault_35_sixty_a_minute_and_no_task_fails(tmp_path, strict):
    # As fast as it can at first: the window of a minute is one of four true seconds, and any machine sends 60 in it.
    pace = 15
    window = do.Window(60, 60 / pace, strict=strict)
    history = proved(
        tmp_path,
        Rule(times=None, do=do.throttle(window, "limit:60,time:1 minute")),
        store=Store(75),
        rate=(20, "s"),
        pace=pace,
    )
    target = history.report["targets"][0]

    assert len(history.in_state("verified")) == 75
    assert len(throttled(history)) <= 0.1 * len(history.records)
    assert target["rate"]["learned"] == "60/m"


@pytest.mark.parametrize("applied", [True, False])
def test_fault_36_a_gateway_that_lost_its_backend(tmp_path, applied):
    action = do.apply_then_status(504) if applied else do.status(504, "APIGW.0201", "Backend timeout.")
    history = proved(tmp_path, Rule(kind="put", nth=3, do=action))

    assert len(history.puts) == 6 + (not applied)
    assert [e.by_read_back for e in history.events("change.acked")].count(True) == int(applied)


def test_fault_36_unavailable_for_as_long_as_it_says(tmp_path):
    history = proved(tmp_path, Rule(kind="put", nth=3, do=do.status(503, Retry_After="6")), concurrency=1)
    (failed,) = history.events("attempt.failed")

    assert 6 <= failed.wait_s <= 6.6
    assert failed.failure == "transient"


def test_fault_37_one_in_ten_fails(tmp_path):
    # Whatever the order of the eight workers: a task runs out of no attempts, and too few fail to open the breaker.
    store = Store(80)
    rules = [Rule(kind="put", task_id=task_id, do=do.status(500)) for task_id in store.ids[9:80:10]]
    history = proved(tmp_path, *rules, store=store, concurrency=8)

    assert len(history.in_state("verified")) == 80
    assert sum(put.status == 200 for put in history.puts) == 80, "what was done is not sent again"
    assert sum(put.status == 500 for put in history.puts) == len(rules) == 8


@pytest.mark.parametrize("fault", [do.status(503), do.close_before], ids=["503", "closes"])
def test_fault_38_the_lights_go_out_in_the_middle(tmp_path, fault):
    rules = [Rule(kind="put", nth=11, do=fault), Rule(nth=12, times=None, do=fault)]
    history = proved(tmp_path, *rules, store=Store(50), code=5, pace=30)

    assert history.events("breaker.opened")
    assert len(history.in_state("not_attempted")) >= 25
    assert len(history.records) <= 11 + 30


def test_fault_39_an_outage_of_half_a_minute_and_the_next_run(tmp_path):
    store = Store(30)
    with a_server(Rule(kind="put", nth=6, do=do.down_window(1.0)), store=store) as server:
        proved_against(server, tmp_path / "first", code={0, 3, 5}, pace=30)
        until(lambda: server.is_up)
        proved_against(server, tmp_path / "second", pace=30)

    assert {store.rows[task_id]["resume_mode"] == mode for task_id, mode in store.wanted.items()} == {True}


def test_fault_40_throttled_for_ever(tmp_path):
    rule = Rule(nth=3, times=None, do=do.throttled())
    history = proved(tmp_path, rule, store=Store(12), code=5, pace=300, concurrency=4)
    spells = list(quiet_spells(history))

    assert len(history.in_state("not_attempted")) >= 3
    assert {task["http_status"] for task in history.in_state("failed")} <= {429}, "those under way when it gave up"
    assert len(history.in_state("failed")) <= 4
    assert [late for _, came in spells for late in came] == []
    assert len(throttled(history)) <= len(spells) + 4, "one probe a gate, once it has closed"
    assert "--rate" in hints(history)


def test_fault_40_a_tiny_quota_is_outlasted(tmp_path):
    pace = 200
    rule = Rule(times=None, do=do.throttle(do.Window(10, 60 / pace), "limit:10,time:1 minute"))
    history = proved(tmp_path, rule, store=Store(25), pace=pace)

    assert len(history.in_state("verified")) == 25
