"""The client against a real socket: one call is one request, and every mishap is a value of the right kind."""

import asyncio
import re
import socket
import time
import tracemalloc

import pytest

from enforcer import __version__
from enforcer.dcs.access.signing import Signer, payload_hash
from enforcer.errors import ConfigError
from enforcer.model.answer import FailureKind, Reply
from enforcer.model.task import ResumeMode
from tests.wire_client import ID, KEY, LONG_S, PAGE, PROJECT, QUICK, TOKEN, client_of, kind_of, list_from, put_to
from tests.wire_server import closing, hanging, resetting, response, saying, saying_and_closing, serving


async def test_a_change_is_one_signed_put_with_the_mode_in_its_body():
    reply, server = await put_to(saying(response(200, b"", {"X-Request-Id": "r-1"})))

    assert reply == Reply(value=None, http_status=200, request_id="r-1", duration_s=reply.duration_s)
    assert reply.duration_s > 0
    (seen,) = server.ledger
    assert (seen.method, seen.target) == ("PUT", f"/v2/{PROJECT}/migration-task/{ID}")
    assert seen.body == b'{"resume_mode":"auto"}'
    assert seen.headers["content-type"] == "application/json;charset=utf-8"
    assert seen.headers["x-project-id"] == PROJECT
    assert seen.headers["x-security-token"] == "CANARY-ST"
    assert seen.headers["accept-encoding"] == "identity"
    assert seen.headers["cache-control"] == "no-cache"
    assert seen.headers["user-agent"] == f"enforcer/{__version__}"
    assert seen.headers["host"] == server.url.removeprefix("http://")


async def test_the_signature_fits_what_was_sent():
    _, server = await put_to(saying(response()))

    (seen,) = server.ledger
    names = re.search("SignedHeaders=([^,]*)", seen.headers["authorization"])
    assert names is not None
    signed = {name: seen.headers[name] for name in names[1].split(";") if name != "x-sdk-date"}
    again = Signer(signed, access=KEY.access, secret=KEY.secret.reveal())(
        method=seen.method,
        path=seen.target,
        query="",
        payload_hash=payload_hash(seen.body),
        date="20260102T030405Z",
    )
    assert seen.headers["authorization"] == again
    assert seen.headers["x-sdk-date"] == "20260102T030405Z"
    assert {"host", "content-type", "x-project-id", "x-security-token"} <= set(signed)


async def test_a_token_goes_without_a_signature():
    _, server = await put_to(saying(response()), credentials=TOKEN)

    (seen,) = server.ledger
    assert seen.headers["x-auth-token"] == "CANARY-TOKEN"
    assert "authorization" not in seen.headers


async def test_a_page_is_asked_for_with_limit_and_offset():
    async with serving(saying(response(200, PAGE))) as server, client_of(server.url) as client:
        reply = await client.list_page(offset=1000, limit=500)

    assert isinstance(reply, Reply)
    assert [(task.target, task.task_id) for task in reply.value.tasks] == [("prod", ID)]
    assert reply.value.count == 1
    assert [seen.target for seen in server.ledger] == [f"/v2/{PROJECT}/migration-tasks?limit=500&offset=1000"]


async def test_details_are_asked_for_by_id():
    details = {"task_id": ID, "resume_mode": "manual"}
    async with serving(saying(response(200, details))) as server, client_of(server.url) as client:
        reply = await client.show(ID)

    assert isinstance(reply, Reply)
    assert reply.value.resume_mode is ResumeMode.MANUAL
    assert [(seen.method, seen.target) for seen in server.ledger] == [("GET", f"/v2/{PROJECT}/migration-task/{ID}")]


@pytest.mark.parametrize("task_id", ["..", "a/b", "a?x=1", "", "a\r\nX: y"])
async def test_nothing_is_sent_for_an_unsafe_id(task_id):
    async with serving(saying(response())) as server, client_of(server.url) as client:
        results = [await client.set_mode(task_id, ResumeMode.AUTO), await client.show(task_id)]

    assert {kind_of(result) for result in results} == {FailureKind.REJECTED}
    assert server.connections == 0


@pytest.mark.parametrize("end", [closing, resetting], ids=["closed", "reset"])
async def test_a_change_whose_connection_breaks_is_sent_once_and_lost(end):
    result, server = await put_to(end)

    assert kind_of(result) is FailureKind.LOST
    assert server.methods == ["PUT"]


async def test_a_change_on_a_kept_connection_that_breaks_is_sent_once_and_lost():
    calls = 0

    async def respond(seen, writer):
        nonlocal calls
        calls += 1
        await (saying(response()) if calls == 1 else closing)(seen, writer)

    async with serving(respond) as server, client_of(server.url) as client:
        first = await client.set_mode(ID, ResumeMode.AUTO)
        second = await client.set_mode(ID, ResumeMode.AUTO)

    assert isinstance(first, Reply)
    assert kind_of(second) is FailureKind.LOST
    assert server.methods == ["PUT", "PUT"]
    assert server.connections == 1


@pytest.mark.parametrize("end", [closing, resetting], ids=["closed", "reset"])
async def test_a_list_whose_connection_breaks_is_sent_once(end):
    result, server = await list_from(end)

    assert kind_of(result) is FailureKind.TRANSIENT
    assert server.methods == ["GET"]


async def test_a_refused_connection_means_not_sent():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        async with client_of(f"http://127.0.0.1:{unused.getsockname()[1]}") as client:
            results = [await client.set_mode(ID, ResumeMode.AUTO), await client.list_page(offset=0, limit=1)]

    assert {kind_of(result) for result in results} == {FailureKind.NOT_SENT}
    assert "127.0.0.1" in results[0].message


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_never_followed(status):
    async with serving(saying(response())) as second:
        elsewhere = response(status, b"", {"Location": f"{second.url}/x"})
        result, first = await put_to(saying(elsewhere))
        listed, _ = await list_from(saying(elsewhere))

    assert kind_of(result) is FailureKind.PROTOCOL
    assert kind_of(listed) is FailureKind.PROTOCOL
    assert result.http_status == status
    assert first.methods == ["PUT"]
    assert second.ledger == []


MALFORMED = {
    "no status line": b"hello\r\n\r\n",
    "not HTTP": b"\x16\x03\x01\x02\x00",
    "odd version": b"HTTP/9.x 200 OK\r\n\r\n",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx",
    "length and chunks": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "bad chunk size": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
    "long header": b"HTTP/1.1 200 OK\r\nX: " + b"a" * 70_000 + b"\r\n\r\n",
    "many headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 10_000 + b"\r\n",
    "cut body": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{",
    "cut chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{",
    "cut head": b"HTTP/1.1 200 OK\r\nContent-Le",
    "unlimited and cut": b'HTTP/1.1 200 OK\r\n\r\n{"migration_tasks": [',
    "not gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    "html": b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    "binary in header": b"HTTP/1.1 200 OK\r\nX-Request-Id: \xff\x00\r\nContent-Length: 2\r\n\r\n[]",
    "nothing but 100": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
}


@pytest.mark.parametrize("answer", MALFORMED.values(), ids=MALFORMED)
async def test_a_malformed_answer_never_counts_as_an_answer(answer):
    changed, put_server = await put_to(saying_and_closing(answer))
    listed, list_server = await list_from(saying_and_closing(answer))

    assert kind_of(changed) is FailureKind.LOST
    assert kind_of(listed) in {FailureKind.PROTOCOL, FailureKind.TRANSIENT}
    assert (put_server.methods, list_server.methods) == (["PUT"], ["GET"])


async def test_a_status_of_400_of_the_library_is_not_one_of_the_service():
    result, _ = await put_to(saying_and_closing(MALFORMED["two lengths"]))

    assert kind_of(result) is FailureKind.LOST
    assert result.http_status is None


HUGE = 96 << 20
"""Three times what a page may have."""


async def flooding(_seen, writer):
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % HUGE)
    for _ in range(HUGE >> 20):
        writer.write(b" " * (1 << 20))
        await writer.drain()


async def test_a_huge_answer_is_cut_off_in_bounded_memory():
    async with serving(flooding) as server, client_of(server.url) as client:
        tracemalloc.start()
        try:
            listed = await client.list_page(offset=0, limit=1)
            changed = await client.set_mode(ID, ResumeMode.AUTO)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()

    assert kind_of(listed) is FailureKind.PROTOCOL
    assert kind_of(changed) is FailureKind.LOST
    assert "32768 KiB" in listed.message
    assert peak < 48 << 20


async def test_a_server_that_never_answers_is_left():
    started = time.monotonic()
    changed, server = await put_to(hanging, timeouts=QUICK)
    listed, _ = await list_from(hanging, timeouts=QUICK)

    assert kind_of(changed) is FailureKind.LOST
    assert kind_of(listed) is FailureKind.TRANSIENT
    assert time.monotonic() - started < LONG_S
    assert server.methods == ["PUT"]


async def test_a_cancelled_call_is_cancelled():
    arrived = asyncio.Event()

    async def respond(seen, writer):
        arrived.set()
        await hanging(seen, writer)

    async with serving(respond) as server, client_of(server.url) as client:
        call = asyncio.create_task(client.set_mode(ID, ResumeMode.AUTO))
        await arrived.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call


async def test_as_many_calls_as_asked_for_run_at_a_time():
    arrived = asyncio.Semaphore(0)
    go = asyncio.Event()
    go.set()

    async def respond(seen, writer):
        arrived.release()
        await go.wait()
        await saying(response())(seen, writer)

    async with serving(respond) as server, client_of(server.url) as client:
        # The first request goes alone, to find out whether the credentials are accepted.
        await client.set_mode(ID, ResumeMode.AUTO)
        await arrived.acquire()
        go.clear()
        calls = [asyncio.create_task(client.set_mode(ID, ResumeMode.AUTO)) for _ in range(16)]
        async with asyncio.timeout(30):
            for _ in range(16):
                await arrived.acquire()
        go.set()
        results = await asyncio.gather(*calls)

    assert all(isinstance(result, Reply) for result in results)
    assert len(server.ledger) == 17


async def test_nothing_of_the_surroundings_gets_in(tmp_path, monkeypatch):
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login CANARY password CANARY\n")
    (tmp_path / ".netrc").chmod(0o600)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))

    result, server = await put_to(saying(response(200, b"", {"Set-Cookie": "a=b"})), credentials=TOKEN)

    assert isinstance(result, Reply)
    assert "authorization" not in server.ledger[0].headers


async def test_cookies_are_not_kept():
    answer = response(200, b"", {"Set-Cookie": "a=b; Path=/"})
    async with serving(saying(answer)) as server, client_of(server.url) as client:
        await client.set_mode(ID, ResumeMode.AUTO)
        await client.set_mode(ID, ResumeMode.AUTO)

    assert ["cookie" in seen.headers for seen in server.ledger] == [False, False]


@pytest.mark.parametrize("credentials", [KEY, TOKEN], ids=["key", "token"])
async def test_what_the_server_echoes_is_masked(credentials):
    async def echo(seen, writer):
        text = " ".join([*reversed(seen.headers.values()), *credentials.secrets])
        await saying(response(400, {"error_code": "DCS.4063", "error_msg": text}))(seen, writer)

    result, _ = await put_to(echo, credentials=credentials)

    assert kind_of(result) is FailureKind.REJECTED
    assert "***" in result.message
    assert "CANARY" not in repr(result)
    assert re.search("[0-9a-f]{64}", result.message) is None


async def test_a_ca_file_that_is_not_there_is_refused_before_any_request(tmp_path):
    with pytest.raises(ConfigError, match="CA file"):
        async with client_of("https://dcs.example.invalid", ca_file=str(tmp_path / "gone")):
            pass


async def test_a_project_id_that_cannot_stand_in_a_path_is_refused():
    with pytest.raises(ConfigError, match="project id"):
        async with client_of("http://127.0.0.1:9", project_id="../x"):
            pass
