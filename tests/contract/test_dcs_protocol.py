"""Answers that are none: cut, reset, flooding, dripping, packed, of the wrong shape. Bounded, and never success."""

import asyncio
import gzip
import time
import tracemalloc
import zlib
from pathlib import Path

import pytest
from msgspec.structs import replace

from enforcer.dcs.api.call import SHOW, UPDATE, Request, header_lines
from enforcer.dcs.network import exchange
from enforcer.dcs.network.exchange import open_pool
from enforcer.dcs.network.transport import Transport
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.task import ResumeMode
from tests.wire_client import ID, LONG_S, PAGE, PATIENT, QUICK, client_of, kind_of, list_from, put_to
from tests.wire_server import (
    dripping,
    response,
    saying,
    saying_and_closing,
    saying_and_resetting,
    serving,
)

MIB = 1 << 20
OK_HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("end", [saying_and_closing, saying_and_resetting], ids=["closed", "reset"])
@pytest.mark.parametrize("body", [PAGE, b""], ids=["page", "empty"])
async def test_an_answer_that_ends_at_any_byte_is_never_taken_for_success(end, body):
    whole = response(200, body, {"X-Request-Id": "r"})
    cut = 0

    async def respond(seen, writer):
        await end(whole[:cut])(seen, writer)

    async with serving(respond) as server, client_of(server.url) as client:
        for cut in range(len(whole)):
            listed = await client.list_page(offset=0, limit=1)
            assert kind_of(listed) in {FailureKind.TRANSIENT, FailureKind.PROTOCOL}, cut
            assert kind_of(await client.set_mode(ID, ResumeMode.AUTO)) is FailureKind.LOST, cut

    assert server.methods.count("PUT") == server.methods.count("GET") == len(whole)


async def test_chunks_that_end_at_any_byte_are_never_taken_for_success():
    whole = OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"
    cut = 0

    async def respond(seen, writer):
        await saying_and_closing(whole[:cut])(seen, writer)

    async with serving(respond) as server, client_of(server.url) as client:
        for cut in range(len(whole)):
            assert kind_of(await client.set_mode(ID, ResumeMode.AUTO)) is FailureKind.LOST, cut
        cut = len(whole)
        assert isinstance(await client.set_mode(ID, ResumeMode.AUTO), Reply)


@pytest.mark.parametrize("cut", [b"", b"  ", b'{"error_co', b'{"migration_tasks": ['])
async def test_an_answer_without_a_stated_end_is_not_trusted_to_be_whole(cut):
    changed, _ = await put_to(saying_and_closing(OK_HEAD + b"\r\n" + cut))
    listed, _ = await list_from(saying_and_closing(OK_HEAD + b"\r\n" + cut))

    assert kind_of(changed) is FailureKind.LOST
    assert kind_of(listed) is (FailureKind.TRANSIENT if cut.startswith(b"{") else FailureKind.PROTOCOL)


async def test_no_content_needs_no_stated_end():
    changed, _ = await put_to(saying_and_closing(b"HTTP/1.1 204 No Content\r\n\r\n"))

    assert isinstance(changed, Reply)


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "GZIP", "gzip, gzip", "x"])
async def test_what_was_packed_unasked_is_not_unpacked(status, encoding):
    answer = response(status, gzip.compress(b"{}"), {"Content-Encoding": encoding})
    changed, server = await put_to(saying(answer))
    listed, _ = await list_from(saying(answer))

    assert kind_of(changed) is FailureKind.LOST
    assert kind_of(listed) is FailureKind.PROTOCOL
    assert server.methods == ["PUT"]


async def test_a_refusal_that_was_packed_counts_by_its_status():
    packed = {"Content-Encoding": "gzip", "Retry-After": "7"}
    throttled, _ = await put_to(saying(response(429, gzip.compress(b"{}"), packed)))
    down, _ = await list_from(saying(response(503, gzip.compress(b"{}"), packed)))

    assert (kind_of(throttled), throttled.retry_after_s) == (FailureKind.THROTTLED, 7.0)
    assert kind_of(down) is FailureKind.TRANSIENT


async def test_a_refusal_that_is_too_long_counts_by_its_status():
    down, _ = await put_to(saying(response(503, b"x" * MIB)))

    assert kind_of(down) is FailureKind.TRANSIENT


def bomb(pack):
    """Return 400 MiB of blanks, packed."""
    parts = [pack.compress(bytes(MIB)) for _ in range(400)]
    return b"".join([*parts, pack.flush()])


@pytest.mark.parametrize(
    ("encoding", "wbits"), [("gzip", zlib.MAX_WBITS | 16), ("deflate", zlib.MAX_WBITS)], ids=["gzip", "deflate"]
)
async def test_a_bomb_of_400_mib_takes_less_than_64(encoding, wbits):
    packed = bomb(zlib.compressobj(1, zlib.DEFLATED, wbits))
    answer = saying(response(200, packed, {"Content-Encoding": encoding}))
    async with serving(answer) as server, client_of(server.url) as client:
        tracemalloc.start()
        try:
            results = [await client.list_page(offset=0, limit=1), await client.set_mode(ID, ResumeMode.AUTO)]
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert [kind_of(result) for result in results] == [FailureKind.PROTOCOL, FailureKind.LOST]
    assert peak < 64 * MIB


ENDLESS = {
    "headers": (OK_HEAD, b"X: y\r\n" * 10_000),
    "one header": (OK_HEAD + b"X: ", b"y" * 60_000),
    "status line": (b"HTTP/1.1 200 ", b"O" * 60_000),
    "interim answers": (b"", b"HTTP/1.1 103 Early Hints\r\nX: y\r\n\r\n" * 1000),
    "trailers": (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n0\r\n", b"X: y\r\n" * 10_000),
    "a chunk's extension": (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"x" * 60_000),
    "a chunk's size": (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 60_000),
    "tiny chunks": (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 10_000),
}


@pytest.mark.parametrize(("start", "drop"), ENDLESS.values(), ids=ENDLESS)
async def test_an_answer_without_end_is_left_in_bounded_time_and_memory(start, drop):
    tracemalloc.start()
    try:
        started = time.monotonic()
        changed, server = await put_to(dripping(start, drop, every_s=0.002), timeouts=QUICK)
        elapsed = time.monotonic() - started
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert kind_of(changed) is FailureKind.LOST
    assert server.methods == ["PUT"]
    assert elapsed < LONG_S
    assert peak < 64 * MIB


SLOW = {
    "status line": (b"H", b"T"),
    "headers": (OK_HEAD, b"X"),
    "interim answers": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "body": (OK_HEAD + b"Content-Length: 1000\r\n\r\n", b" "),
    "chunks": (OK_HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
}


@pytest.mark.parametrize(("start", "drop"), SLOW.values(), ids=SLOW)
async def test_an_answer_that_drips_is_bounded_by_the_whole_time(start, drop):
    changed, _ = await put_to(dripping(start, drop, every_s=0.05), timeouts=QUICK)

    assert kind_of(changed) is FailureKind.LOST
    assert changed.duration_s < LONG_S


async def test_a_page_of_the_list_may_take_longer_than_other_answers():
    async def slow(seen, writer):
        await asyncio.sleep(0.3)
        await saying(response(200, PAGE))(seen, writer)

    listed, _ = await list_from(slow, timeouts=replace(PATIENT, answer=0.1, long_answer=60, silence=60))

    assert isinstance(listed, Reply)


async def test_a_page_of_the_list_may_not_pause_for_long():
    pausing = saying(OK_HEAD + b"Content-Length: 1000\r\n\r\n ")
    listed, _ = await list_from(pausing, timeouts=replace(PATIENT, long_answer=60, silence=0.1))

    assert kind_of(listed) is FailureKind.TRANSIENT
    assert listed.duration_s < LONG_S


async def test_interim_answers_before_the_answer_are_passed_over():
    interim = b"HTTP/1.1 100 Continue\r\n\r\n" + b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    listed, _ = await list_from(saying(interim + response(200, PAGE)))

    assert isinstance(listed, Reply)


@pytest.mark.parametrize("status", [200, 202, 204])
async def test_the_statuses_that_mean_taken(status):
    changed, _ = await put_to(saying(response(status)))

    assert isinstance(changed, Reply)
    assert changed.http_status == status


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (201, FailureKind.LOST),
        (206, FailureKind.LOST),
        (226, FailureKind.LOST),
        (304, FailureKind.PROTOCOL),
        (418, FailureKind.REJECTED),
        (599, FailureKind.TRANSIENT),
        (600, FailureKind.PROTOCOL),
        (999, FailureKind.PROTOCOL),
    ],
)
async def test_no_other_status_does(status, kind):
    changed, _ = await put_to(saying(response(status)))

    assert kind_of(changed) is kind


ERRORS = {
    "v2": {"error_code": "DCS.4063", "error_msg": "bad"},
    "v1": {"error": {"code": "DCS.4063", "message": "bad"}},
    "camel": {"errorCode": "DCS.4063", "errorMsg": "bad"},
    "bare": {"code": "DCS.4063", "message": "bad"},
    "nested": {"x": {"error_code": "DCS.4063", "error_msg": "bad"}},
}


@pytest.mark.parametrize("body", ERRORS.values(), ids=ERRORS)
async def test_an_error_in_the_guise_of_a_success_is_an_error(body):
    changed, _ = await put_to(saying(response(200, body)))
    listed, _ = await list_from(saying(response(200, body)))

    assert [kind_of(changed), kind_of(listed)] == [FailureKind.REJECTED] * 2
    assert changed.error_code == "DCS.4063"


NO_PAGES = {
    "empty": b"",
    "null": b"null",
    "list": b"[]",
    "text": b'"ok"',
    "number": b"7",
    "html": b"<!DOCTYPE html><title>Sign in</title>",
    "no rows": b'{"count": 0}',
    "rows of null": b'{"count": 0, "migration_tasks": null}',
    "rows twice": b'{"migration_tasks": [], "migration_tasks": []}',
    "NaN": b'{"count": NaN, "migration_tasks": []}',
    "5000 digits": b'{"count": ' + b"9" * 5000 + b', "migration_tasks": []}',
    "nested": b'{"migration_tasks": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "byte order mark": b'\xef\xbb\xbf{"migration_tasks": []}',
    "UTF-16": '{"migration_tasks": []}'.encode("utf-16"),
    "lone surrogate": b'{"migration_tasks": [{"task_id": "\\ud800"}]}',
}


@pytest.mark.parametrize("body", NO_PAGES.values(), ids=NO_PAGES)
async def test_a_success_that_holds_no_page_is_none(body):
    listed, _ = await list_from(saying(response(200, body)))

    assert kind_of(listed) is FailureKind.PROTOCOL
    assert listed.http_status == 200


async def test_true_is_no_count():
    listed, _ = await list_from(saying(response(200, {"count": True, "migration_tasks": []})))

    assert isinstance(listed, Reply)
    assert listed.value.count is None


NOT_TAKEN = {name: body for name, body in NO_PAGES.items() if body[:1] not in {b"", b'"', b"{"}} | {
    "id twice": b'{"task_id": "%s", "task_id": "%s"}' % (ID.encode(), ID.encode()),
    "NaN": b'{"x": NaN}',
}


@pytest.mark.parametrize("body", NOT_TAKEN.values(), ids=NOT_TAKEN)
async def test_a_success_of_a_wrong_shape_leaves_a_change_unknown(body):
    changed, _ = await put_to(saying(response(200, body)))

    assert kind_of(changed) is FailureKind.LOST


async def test_an_answer_about_another_task_is_not_the_answer():
    other = {"task_id": f"{ID[:-1]}0", "resume_mode": "auto"}
    changed, _ = await put_to(saying(response(200, other)))
    async with serving(saying(response(200, other))) as server, client_of(server.url) as client:
        shown = await client.show(ID)

    assert kind_of(changed) is FailureKind.LOST
    assert kind_of(shown) is FailureKind.TRANSIENT


@pytest.mark.parametrize(("kept_s", "connections"), [(3600, 1), (0, 2)], ids=["just now", "long ago"])
async def test_a_connection_is_asked_over_again_unless_that_was_long_ago(kept_s, connections, monkeypatch):
    monkeypatch.setattr(exchange, "_KEPT_S", kept_s)
    async with serving(saying(response())) as server, client_of(server.url) as client:
        for _ in range(2):
            await client.set_mode(ID, ResumeMode.AUTO)

    assert server.connections == connections


async def test_a_connection_that_was_closed_while_it_was_kept_is_not_asked_over():
    writers = []

    async def respond(seen, writer):
        writers.append(writer)
        await saying(response())(seen, writer)

    async with serving(respond) as server, open_pool() as pool:
        transport = Transport(pool, server.url, user_agent="x", ca_file=None, proxy=None, timeouts=PATIENT)
        request = Request(call=UPDATE, path="/v2/p/migration-task/t", body=b"{}")
        await transport.send(request, header_lines({}), ())
        writers[0].close()
        while any(protocol.is_connected() for protocol in pool._acquired):  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0)
        second = await transport.send(request, header_lines({}), ())

    assert second.status == 200
    assert (server.connections, len(server.ledger)) == (2, 2)


async def test_an_answer_that_nobody_asked_for_is_not_taken_for_the_next_one():
    writers = []

    async def respond(seen, writer):
        writers.append(writer)
        await saying(response(200) if len(writers) == 1 else response(500))(seen, writer)

    def unasked_ones(pool):
        return sum(len(protocol) for protocol in pool._acquired)

    async with serving(respond) as server, open_pool() as pool:
        transport = Transport(pool, server.url, user_agent="x", ca_file=None, proxy=None, timeouts=PATIENT)
        request = Request(call=UPDATE, path="/v2/p/migration-task/t", body=b"{}")
        first = await transport.send(request, header_lines({}), ())
        writers[0].write(response(200))
        while not unasked_ones(pool):  # noqa: ASYNC110 - nothing else tells that it came
            await asyncio.sleep(0)
        second = await transport.send(request, header_lines({}), ())

    assert (first.status, second.status) == (200, 500)
    assert server.connections == 2


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("/v2/p x", {}),
        ("/v2/p\r\nX: y", {}),
        ("v2", {}),
        ("/v2/\N{LATIN SMALL LETTER E WITH ACUTE}", {}),
        ("/v2", {"X-Auth-Token": "a\r\nX: y"}),
        ("/v2", {"X-Auth-Token": "a\nX: y"}),
    ],
    ids=["space", "line in the path", "no path", "not ASCII", "line in a header", "newline in a header"],
)
async def test_a_request_that_could_be_read_as_another_is_not_sent(path, headers):
    async with serving(saying(response())) as server, open_pool() as pool:
        transport = Transport(pool, server.url, user_agent="x", ca_file=None, proxy=None, timeouts=PATIENT)
        with pytest.raises(ValueError, match="would not be read as it is meant"):
            await transport.send(Request(call=SHOW, path=path), header_lines(headers), ())

    assert not server.ledger


async def test_the_wait_for_a_turn_is_no_part_of_a_requests_time():
    """20 requests by 4 workers take longer than one may, and each by itself a quarter of that."""

    async def slow(seen, writer):
        await asyncio.sleep(0.5)
        await saying(response())(seen, writer)

    bounded = replace(QUICK, answer=2)
    async with serving(slow) as server, client_of(server.url, timeouts=bounded) as client:

        async def worker():
            return [await client.set_mode(ID, ResumeMode.AUTO) for _ in range(5)]

        results = [result for some in await asyncio.gather(*[worker() for _ in range(4)]) for result in some]

    assert all(isinstance(result, Reply) for result in results)
    assert len(server.ledger) == 20


async def test_no_file_stays_open():
    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    ends = [saying(response()), saying_and_closing(b"junk"), saying_and_resetting(OK_HEAD), saying(response(302))]
    turn = 0

    async def respond(seen, writer):
        await ends[turn % len(ends)](seen, writer)

    async with serving(respond) as server, client_of(server.url) as client:
        await client.set_mode(ID, ResumeMode.AUTO)
        before = open_files()
        for turn in range(400):  # noqa: B007 - the server reads it
            await client.set_mode(ID, ResumeMode.AUTO)
        after = open_files()

    assert abs(after - before) <= 4


async def test_a_failure_has_no_traceback_and_no_secret_in_it():
    result, _ = await put_to(saying_and_closing(b"CANARY\r\n\r\n"))

    assert isinstance(result, Failure)
    assert "CANARY" not in repr(result)
