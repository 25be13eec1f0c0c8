"""Rows 21 to 32 of docs/faults.md: answers that are none, or say something else than they seem to."""

import pytest

from tests.faults import actions as do
from tests.faults.proved import messages, peak_memory, proved
from tests.faults.rules import Rule
from tests.faults.store import Store

MIB = 1024 * 1024
NO_SUCH = {"error_code": "DCS.4063", "error_msg": "made up"}
GARBAGE = {
    "status line": b"HTP/1.1 200 OK\r\n\r\n",
    "nothing like it": b"SSH-2.0-OpenSSH_9.2p1\r\n",
    "both lengths": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n0\r\n\r\n",
    "chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
    "bytes": bytes(range(256)),
}


def first_put(action, *, times=1):
    return Rule(kind="put", do=action, times=times)


def test_fault_21_garbage_for_an_answer_to_a_change(tmp_path):
    # Every third PUT, so that the breaker has no reason to open.
    rules = [Rule(kind="put", nth=1 + 3 * n, do=do.garbage(data)) for n, data in enumerate(GARBAGE.values())]
    history = proved(tmp_path, *rules, store=Store(18), concurrency=1, pace=50)

    assert len(history.in_state("verified")) == 18
    assert {event.failure for event in history.events("attempt.failed")} == {"lost"}
    assert {task["http_status"] for task in history.tasks} == {200}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=list(GARBAGE))
def test_fault_21_garbage_for_a_list(tmp_path, data):
    history = proved(tmp_path, Rule(kind="list", times=None, do=do.garbage(data)), code=76)

    assert history.puts == []
    assert len(history.records) <= 5


@pytest.mark.parametrize(
    "headers", [{"X_Long": "x" * 65_536}, {f"X_{n}": "y" for n in range(10_000)}], ids=["64 kB", "10,000 of them"]
)
def test_fault_22_too_much_of_a_header(tmp_path, headers):
    history = proved(tmp_path, first_put(do.header(**headers)))

    assert len(history.puts) == 6, "it was read back, not sent again"
    assert [event.by_read_back for event in history.events("change.acked")].count(True) == 1


def test_fault_22_cookies_are_not_kept(tmp_path):
    history = proved(tmp_path, Rule(times=None, do=do.header(Set_Cookie="session=1; Path=/")))

    assert not any("cookie" in record.headers for record in history.records)


@pytest.mark.parametrize(("kind", "code"), [("put", 0), ("list", 76)])
def test_fault_23_a_bomb_of_400_mib(tmp_path, kind, code):
    usual: list[int] = []
    most: list[int] = []
    proved(tmp_path / "plain", only_started=peak_memory(usual))
    history = proved(tmp_path / "bomb", Rule(kind=kind, do=do.gzip_bomb()), only_started=peak_memory(most), code=code)

    assert most[0] - usual[0] < 64 * MIB
    assert len(history.puts_of(history.puts[0].task_id)) == 2 if kind == "put" else history.puts == []


def test_fault_24_a_body_in_an_encoding_that_was_not_asked_for(tmp_path):
    history = proved(
        tmp_path, first_put(do.unasked_gzip), Rule(kind="put", nth=3, do=do.body("{}", Content_Encoding="gzip"))
    )

    assert {record.headers["accept-encoding"] for record in history.records} == {"identity"}
    assert len(history.in_state("verified")) == 6


def test_fault_25_a_page_to_sign_in_for_the_first_list(tmp_path):
    history = proved(tmp_path, Rule(kind="list", times=None, do=do.body(do.HTML, Content_Type="text/html")), code=76)

    assert len(history.records) == 1
    assert "Please sign in" not in str(history.report)


def test_fault_25_a_page_to_sign_in_midway(tmp_path):
    rule = Rule(nth=8, times=None, do=do.body(do.HTML, Content_Type="text/html"))
    history = proved(tmp_path, rule, store=Store(20), code={5, 76})

    assert len(history.in_state("not_attempted")) > 0
    assert history.in_state("failed") == [], "nobody can tell"


@pytest.mark.parametrize(
    "body",
    [
        NO_SUCH,
        {"errorCode": "DCS.4063", "errorMsg": "made up"},
        {"code": "DCS.4063", "message": "made up"},
        {"error": {"code": "DCS.4063", "message": "made up"}},
    ],
    ids="-".join,
)
def test_fault_26_an_error_in_the_guise_of_a_success(tmp_path, body):
    history = proved(tmp_path, first_put(do.body(body, telling=True)), code=3)
    (task,) = history.in_state("failed")

    assert (task["error_code"], task["http_status"], task["attempts"]) == ("DCS.4063", 200, 1)


def test_fault_27_a_success_that_is_nothing(tmp_path):
    odd = ["null", "[]", "42", "true"]
    rules = [Rule(kind="put", nth=1 + 3 * n, do=do.body(text)) for n, text in enumerate(odd)]
    history = proved(tmp_path, *rules, store=Store(12), concurrency=1, pace=50)

    assert len(history.in_state("verified")) == 12
    assert len(history.puts) == 12 + len(odd), "it was not taken for success: it was read, and sent again"


@pytest.mark.parametrize("text", ["", "null", "[]", "{}", '"tasks"'], ids=lambda text: text or "nothing")
def test_fault_27_a_list_that_is_nothing(tmp_path, text):
    history = proved(tmp_path, Rule(kind="list", times=None, do=do.body(text)), code=76)

    assert len(history.records) == 1


@pytest.mark.parametrize("status", [201, 202, 204, 206, 299])
def test_fault_28_another_status_of_success(tmp_path, status):
    # No details are asked for before the plan, so that every one of them is a look whether it was taken.
    action = do.body(b"", code=status, applied=True, telling=status in {202, 204})
    history = proved(tmp_path, first_put(action), store=Store(6))

    assert len(history.in_state("verified")) == 6
    looks = [r for r in history.records if r.kind == "show" and r.task_id == history.puts[0].task_id]
    assert len(looks) == (status not in {202, 204})


@pytest.mark.parametrize(("status", "state", "code"), [(418, "failed", 3), (599, "verified", 0), (999, "unknown", 76)])
def test_fault_28_a_status_that_nobody_knows(tmp_path, status, state, code):
    history = proved(tmp_path, first_put(do.status(status)), code=code, concurrency=1)

    assert history.state_of(history.puts[0]) in {state, "failed"}


def test_fault_29_it_is_taken_and_never_shows(tmp_path):
    history = proved(tmp_path, first_put(do.ack_without_apply), code=3, settle="5s")
    (task,) = history.in_state("mismatch")

    assert len(history.puts_of(task["task_id"])) == 1, "what was acknowledged is not sent again"
    assert sum(record.kind == "show" and record.task_id == task["task_id"] for record in history.records) >= 2


def test_fault_29_it_is_taken_and_shows_late(tmp_path):
    history = proved(tmp_path, Rule(kind="put", nth=6, do=do.apply_after(0.2)), settle="15s")

    assert len(history.in_state("verified")) == 6


@pytest.mark.parametrize(
    "text",
    [
        '{"count": NaN, "migration_tasks": []}',
        '{"count": 0, "count": 0, "migration_tasks": []}',
        "[" * 100_000,
        "\ufeff{}",
    ],
    ids=["NaN", "duplicate keys", "deep", "byte order mark"],
)
def test_fault_30_json_that_is_none(tmp_path, text):
    proved(tmp_path, Rule(kind="list", times=None, do=do.body(text)), code=76)


def test_fault_31_interim_answers_and_then_one(tmp_path):
    history = proved(tmp_path, first_put(do.preceded(b"HTTP/1.1 100 Continue\r\n\r\n")))

    assert len(history.puts) == 6


def test_fault_32_the_answer_is_about_another_task(tmp_path):
    def another(store, task_id):
        return next(each for each in store.ids if each != task_id)

    rules = [first_put(do.swapped(another)), Rule(kind="show", do=do.swapped(another))]
    history = proved(tmp_path, *rules)

    assert {record.headers["cache-control"] for record in history.records} == {"no-cache"}
    assert len(history.in_state("verified")) == 6


def test_the_messages_of_a_server_are_quoted_in_part_only(tmp_path):
    said = "x" * 100_000 + "\x1b]0;owned\x07"
    history = proved(tmp_path, Rule(kind="list", times=None, do=do.status(400, "DCS.4063", said)), code={69, 76})

    assert len(messages(history)) < 1000
    assert b"\x1b]0;owned" not in history.written["stderr"] + history.written["stdout"]
