"""Rows 1 to 20 of docs/faults.md: connections that are not made, break, stall, or lead elsewhere."""

import contextlib
import socket
import time
from pathlib import Path

import pytest
import trustme

from tests.faults import actions as do
from tests.faults.proved import a_server, hints, messages, proved, proved_against, server_tls
from tests.faults.rules import Rule
from tests.faults.store import Store


def outcomes(history):
    return {event.failure for event in history.events("attempt.failed", "request.retried", "change.failed")}


def readings_back(history):
    return [event.by_read_back for event in history.events("change.acked")].count(True)


def test_fault_01_nobody_listens(tmp_path):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        elsewhere = {"ENFORCER_ENDPOINT": f"http://127.0.0.1:{held.getsockname()[1]}"}
        history = proved(tmp_path, code=69, env=elsewhere)

    assert history.records == []
    assert len(history.events("request.retried")) == 4
    assert outcomes(history) == {"not_sent"}


def test_fault_01_nobody_listens_for_a_while(tmp_path):
    history = proved(tmp_path, Rule(kind="put", nth=3, do=do.down_window(0.7)), store=Store(8), pace=2, concurrency=1)

    assert "not_sent" in outcomes(history)
    assert len(history.in_state("verified")) == 8


def test_fault_03_a_name_that_nobody_knows(tmp_path):
    env = {"ENFORCER_ENDPOINT": "https://dcs.nowhere.test", "RESOLVER": "unknown"}
    history = proved(tmp_path, code=69, env=env)

    assert "dcs.nowhere.test could not be resolved: Name or service not known" in messages(history)


def test_fault_04_a_look_up_that_hangs_is_bounded(tmp_path):
    env = {"ENFORCER_ENDPOINT": "https://dcs.nowhere.test", "RESOLVER": "hangs"}
    began = time.monotonic()
    history = proved(tmp_path, code=69, env=env, pace=50, awaiting=50)

    assert "in time" in messages(history)
    assert time.monotonic() - began < 30, "the thread that hangs holds nothing up"


@pytest.mark.parametrize("applied", [False, True])
def test_fault_05_a_kept_connection_is_closed_just_then(tmp_path, applied):
    closing = do.apply_then_close if applied else do.close_before
    history = proved(tmp_path, Rule(kind="put", nth=3, do=closing), concurrency=1)
    closed = next(put for put in history.puts if put.action.endswith(("close", "before")))

    assert len([r for r in history.records if r.connection == closed.connection]) > 1, "it was a kept connection"
    assert len(history.puts_of(closed.task_id)) == (1 if applied else 2)


@pytest.mark.parametrize("kind", ["put", "list", "show"])
def test_fault_06_it_is_done_and_not_answered(tmp_path, kind):
    history = proved(tmp_path, Rule(kind=kind, do=do.apply_then_close))

    assert len(history.puts) == 6
    assert readings_back(history) == (kind == "put")
    assert len(history.in_state("verified")) == 6


@pytest.mark.parametrize("breaking", [do.reset_at, do.cut_at], ids=["fault 7: reset", "fault 10: cut"])
@pytest.mark.parametrize("applied", [False, True], ids=["undone", "done"])
def test_fault_07_and_10_an_answer_breaks_at_any_byte(tmp_path, breaking, applied):
    # Every third PUT, so that the breaker has no reason to open.
    places = [0, 1, 9, 15, 30, 60, 90, -2, -1]
    rules = [Rule(kind="put", nth=2 + 3 * n, do=breaking(byte, applied=applied)) for n, byte in enumerate(places)]
    history = proved(tmp_path, *rules, store=Store(28), concurrency=1, pace=50)
    struck = [put for put in history.puts if put.status is None]

    assert len(struck) == len(places)
    assert len(history.in_state("verified")) == 28
    assert readings_back(history) == (len(places) if applied else 0)


def test_fault_07_and_10_a_list_breaks_at_any_byte(tmp_path):
    rules = [Rule(kind="list", nth=1, do=do.reset_at(60)), Rule(kind="list", nth=3, do=do.cut_at(-1))]
    history = proved(tmp_path, *rules, store=Store(6, max_page=4))

    assert len(history.events("request.retried")) == 2
    assert history.report["targets"][0]["inventory"]["stable"]


@pytest.mark.parametrize(
    "action", [do.hang(applied=True), do.drip(0.005, applied=True)], ids=["fault 8: silent", "fault 9: drips"]
)
def test_fault_08_and_09_an_answer_without_end(tmp_path, action):
    history = proved(tmp_path, Rule(kind="put", nth=2, do=action))
    struck = history.puts[1]

    assert struck.took_s < 20, "it is left after 20 s by its own clock, which is ten times as fast"
    assert len(history.puts_of(struck.task_id)) == 1
    assert readings_back(history) == 1


@pytest.mark.parametrize(("kind", "code"), [("put", 0), ("list", {0, 76})])
def test_fault_11_an_answer_that_only_the_end_of_the_connection_ends(tmp_path, kind, code):
    history = proved(tmp_path, Rule(kind=kind, nth=1, do=do.close_delimited_cut()), code=code)

    assert {task["state"] for task in history.tasks} <= {"verified"}


def test_fault_12_everything_is_slow(tmp_path):
    # Ten workers' worth of work for two: the wait for a turn is no part of a request's own time.
    history = proved(
        tmp_path,
        Rule(times=None, do=do.latency(0.2)),
        store=Store(16),
        concurrency=2,
        rate=(200, "s"),
        pace=15,
        awaiting=15,
    )

    assert history.events("attempt.failed", "request.retried", "throttle.gated") == []


def test_fault_12_too_slow_for_the_deadline(tmp_path):
    history = proved(
        tmp_path,
        Rule(times=None, do=do.latency(0.1)),
        store=Store(60),
        concurrency=1,
        arguments=("--deadline", "40s"),
        code=5,
    )

    assert 0 < len(history.in_state("not_attempted")) < 60
    assert history.in_state("unknown") == []
    # One that was about to be sent when the deadline came.
    assert {task["reason"] for task in history.in_state("failed")} <= {"nothing was sent: a stop was asked for first"}


def test_fault_13_no_file_is_left_open(tmp_path):
    open_ones: list[int] = []

    def counted(process, _server):
        while process.poll() is None:
            with contextlib.suppress(OSError):  # it has ended meanwhile
                open_ones.append(len(list(Path(f"/proc/{process.pid}/fd").iterdir())))
            time.sleep(0.05)

    proved(
        tmp_path,
        *(Rule(kind="put", nth=3 * n, do=do.reset_at(30, applied=True)) for n in range(1, 40)),
        store=Store(120),
        concurrency=4,
        pace=50,
        only_started=counted,
    )

    assert max(open_ones) < 40, "39 connections were reset, and none of them stayed"


@pytest.fixture
def authority():
    return trustme.CA()


def trusting(authority, folder):
    authority.cert_pem.write_to_path(str(folder / "ca.pem"))
    return "--ca-file", str(folder / "ca.pem")


def test_fault_17_a_certificate_of_somebody_else(tmp_path, authority):
    tls = server_tls(authority.issue_cert("somebody-else.example"))
    history = proved(tmp_path, tls=tls, arguments=trusting(authority, tmp_path), code=78)

    assert history.records == []
    assert "certificate" in messages(history)
    assert "endpoint" in hints(history)


def test_fault_17_an_authority_that_is_not_trusted(tmp_path, authority):
    other = trustme.CA()
    tls = server_tls(authority.issue_cert("127.0.0.1"))
    history = proved(tmp_path, tls=tls, arguments=trusting(other, tmp_path), code=78)

    assert history.records == []
    assert "--ca-file" in hints(history)


def test_fault_18_a_handshake_stalls_and_the_end_of_tls_is_missing(tmp_path, authority):
    history = proved(
        tmp_path,
        Rule(kind="put", nth=3, do=do.no_close_notify),
        tls=server_tls(authority.issue_cert("127.0.0.1")),
        connections={1: "stall", 2: "reset"},
        arguments=trusting(authority, tmp_path),
        pace=30,
    )

    assert outcomes(history) >= {"not_sent", "lost"}
    assert len(history.in_state("verified")) == 6


def test_fault_19_a_ca_file_without_a_ca(tmp_path):
    empty = tmp_path / "ca.pem"
    empty.touch()
    env = {"ENFORCER_ENDPOINT": "https://127.0.0.1:1"}
    history = proved(tmp_path, arguments=("--ca-file", str(empty)), env=env, code=78)

    assert history.records == []
    assert str(empty) in messages(history)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("kind", ["list", "put"])
def test_fault_20_a_redirect_is_not_followed(tmp_path, status, kind):
    with a_server() as elsewhere:
        location = f"{elsewhere.endpoint}/v2/x?token=MarkerOfTheQuery"
        with a_server(Rule(kind=kind, times=None, do=do.redirect(status, location))) as server:
            history = proved_against(server, tmp_path, code=76, concurrency=1)

        assert elsewhere.ledger.records == []
        assert elsewhere.connections == 0
    assert len([record for record in history.records if record.kind == kind]) == 1, "once is enough"
    assert "MarkerOfTheQuery" not in messages(history)
