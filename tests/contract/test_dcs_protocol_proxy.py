"""Proxies: only the one that was named, told apart from the service, and never with its password in a message."""

import asyncio
import socket
import ssl
from contextlib import asynccontextmanager

import pytest
import trustme

from enforcer.model.answer import FailureKind, Reply
from enforcer.model.task import ResumeMode
from tests.wire_client import BRISK, ID, LONG_S, PROJECT, client_of, kind_of, put_to
from tests.wire_server import closing, hanging, listening, response, saying, saying_and_closing, serving

HOST = "dcs.example.invalid"


async def test_a_loopback_address_is_not_asked_through_the_proxy():
    async with serving(saying(response())) as proxy:
        result, server = await put_to(saying(response()), proxy=proxy.url)

    assert isinstance(result, Reply)
    assert server.methods == ["PUT"]
    assert proxy.ledger == []


async def test_another_address_is_asked_through_the_proxy_that_was_named():
    async with serving(saying(response())) as proxy:
        with_user = proxy.url.replace("http://", "http://u:CANARY@")
        async with client_of("http://dcs.example.invalid", proxy=with_user) as client:
            result = await client.set_mode(ID, ResumeMode.AUTO)

    assert isinstance(result, Reply)
    assert [seen.target for seen in proxy.ledger] == [f"http://dcs.example.invalid/v2/{PROJECT}/migration-task/{ID}"]
    assert [seen.headers["proxy-authorization"] for seen in proxy.ledger] == ["Basic dTpDQU5BUlk="]


@pytest.mark.parametrize(
    ("status", "kind"), [(407, FailureKind.CONFIG), (502, FailureKind.NOT_SENT), (403, FailureKind.NOT_SENT)]
)
async def test_a_proxy_that_refuses_is_named_without_its_password(status, kind):
    async with serving(saying(response(status))) as proxy:
        with_user = proxy.url.replace("http://", "http://u:CANARY@")
        async with client_of("https://dcs.example.invalid", proxy=with_user) as client:
            result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is kind
    assert proxy.url.removeprefix("http://") in result.message
    assert "CANARY" not in repr(result)
    assert proxy.methods == ["CONNECT"]


async def test_a_proxy_that_is_not_there_is_a_matter_of_settings():
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        name = f"127.0.0.1:{unused.getsockname()[1]}"
        async with client_of("https://dcs.example.invalid", proxy=f"http://u:CANARY@{name}") as client:
            result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.CONFIG
    assert f"the proxy {name}" in result.message
    assert result.hint is not None
    assert "--proxy" in result.hint
    assert "CANARY" not in repr(result)


async def test_a_name_that_the_proxy_has_not_is_named():
    async with client_of(f"https://{HOST}", proxy="http://u:CANARY@proxy.invalid:3128", timeouts=BRISK) as client:
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.NOT_SENT
    assert "proxy.invalid" in result.message
    assert "CANARY" not in repr(result)


PAGE = response(200, b'{"migration_tasks": [], "x": "<html>sign in</html>"}')


@pytest.mark.parametrize("respond", [saying(PAGE), saying_and_closing(PAGE)], ids=["open", "closed"])
async def test_what_a_proxy_says_is_never_the_services_answer(respond):
    async with serving(respond) as proxy, client_of(f"https://{HOST}", proxy=proxy.url, timeouts=BRISK) as client:
        listed = await client.list_page(offset=0, limit=1)
        changed = await client.set_mode(ID, ResumeMode.AUTO)

    assert {kind_of(listed), kind_of(changed)} <= {FailureKind.CONFIG, FailureKind.NOT_SENT}
    assert set(proxy.methods) == {"CONNECT"}


async def test_the_page_of_a_proxy_that_refuses_is_not_shown():
    page = response(502, b'{"error_code": "DCS.4133", "error_msg": "CANARY"}')
    async with serving(saying(page)) as proxy, client_of(f"https://{HOST}", proxy=proxy.url) as client:
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.NOT_SENT
    assert result.error_code is None
    assert "CANARY" not in repr(result)


@pytest.mark.parametrize("respond", [hanging, closing], ids=["hangs", "closes"])
async def test_a_proxy_that_gives_no_answer_is_left_in_time(respond):
    async with serving(respond) as proxy, client_of(f"https://{HOST}", proxy=proxy.url, timeouts=BRISK) as client:
        listed = await client.list_page(offset=0, limit=1)

    assert kind_of(listed) in {FailureKind.NOT_SENT, FailureKind.TRANSIENT}
    assert listed.duration_s < LONG_S


@asynccontextmanager
async def tunnelling(to):
    """Run a proxy that connects everything to the port *to* of this machine."""

    async def carry(reader, writer):
        while data := await reader.read(65536):
            writer.write(data)
        writer.close()

    async def tunnel(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        answers, onward = await asyncio.open_connection("127.0.0.1", to)
        try:
            await asyncio.gather(carry(reader, onward), carry(answers, writer))
        finally:
            onward.close()
            await onward.wait_closed()

    async with listening(tunnel) as (port, listener):
        yield f"http://127.0.0.1:{port}", listener


async def test_a_proxy_that_worked_and_went_away_means_not_sent(tmp_path):
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(HOST).configure_cert(tls)
    hang_up = response(200, b"", {"Connection": "close"})
    async with (
        serving(saying(hang_up), tls=tls) as server,
        tunnelling(int(server.url.rpartition(":")[2])) as (proxy, listener),
        client_of(f"https://{HOST}", proxy=proxy, ca_file=str(tmp_path / "ca.pem")) as client,
    ):
        first = await client.set_mode(ID, ResumeMode.AUTO)
        listener.close()
        second = await client.set_mode(ID, ResumeMode.AUTO)

    assert isinstance(first, Reply)
    assert kind_of(second) is FailureKind.NOT_SENT
    assert f"the proxy {proxy.removeprefix('http://')}" in second.message
    assert server.methods == ["PUT"]
