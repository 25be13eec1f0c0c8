"""TLS that does not hold: refused before a request is sent, told apart, and the certificate named."""

import asyncio
import datetime as dt
import re
import socket
import ssl
import threading
import time
import warnings
from contextlib import asynccontextmanager, suppress

import pytest
import trustme

from enforcer.model.answer import FailureKind, Reply
from enforcer.model.task import ResumeMode
from tests.wire_client import BRISK, ID, LONG_S, client_of, kind_of
from tests.wire_server import listening, response, saying, saying_and_resetting, serving


def server_tls(ca, *names):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context


@pytest.fixture(scope="module")
def ca():
    return trustme.CA()


@pytest.fixture
def ca_file(ca, tmp_path):
    path = tmp_path / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return str(path)


@asynccontextmanager
async def tls_client(ca_file, tls):
    """Yield a client that trusts *ca_file*, and the server that it talks to."""
    async with serving(saying(response()), tls=tls) as server, client_of(server.url, ca_file=ca_file) as client:
        yield client, server


async def test_tls_with_a_ca_of_ones_own(ca, ca_file):
    async with tls_client(ca_file, server_tls(ca, "127.0.0.1")) as (client, server):
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert isinstance(result, Reply)
    assert server.methods == ["PUT"]


def leaf_tls(leaf, *, with_chain=True):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    if with_chain:
        leaf.configure_cert(context)
        return context
    with leaf.private_key_pem.tempfile() as key, leaf.cert_chain_pems[0].tempfile() as chain:
        context.load_cert_chain(chain, key)
    return context


def day(offset):
    return dt.datetime.now(dt.UTC) + dt.timedelta(days=offset)


REFUSED = {
    "unknown CA": (lambda _ca: leaf_tls(trustme.CA(organization_name="Middle Box").issue_cert("127.0.0.1")), "issuer"),
    "expired": (
        lambda ca: leaf_tls(ca.issue_cert("127.0.0.1", not_before=day(-9), not_after=day(-2))),
        "has expired",
    ),
    "not yet valid": (lambda ca: leaf_tls(ca.issue_cert("127.0.0.1", not_before=day(2))), "not yet valid"),
    "other host": (lambda ca: leaf_tls(ca.issue_cert("dcs.example.com")), "mismatch"),
    "no intermediate": (
        lambda ca: leaf_tls(ca.create_child_ca().issue_cert("127.0.0.1"), with_chain=False),
        "unable to get local issuer",
    ),
}


@pytest.mark.parametrize(("tls", "problem"), REFUSED.values(), ids=REFUSED)
async def test_a_certificate_that_is_not_accepted_is_described(tls, problem, ca, ca_file):
    async with tls_client(ca_file, tls(ca)) as (client, server):
        listed = await client.list_page(offset=0, limit=1)
        changed = await client.set_mode(ID, ResumeMode.AUTO)

    assert [kind_of(listed), kind_of(changed)] == [FailureKind.CONFIG] * 2
    assert problem in listed.message
    assert re.search(r"it is of O=.*, issued by O=.*, valid until \d{4}-\d\d-\d\d", listed.message)
    assert listed.hint is not None
    assert "--ca-file" in listed.hint
    assert server.ledger == []


async def test_the_last_day_of_an_expired_certificate_is_named(ca, ca_file):
    expired = leaf_tls(ca.issue_cert("127.0.0.1", not_before=day(-9), not_after=day(-2)))
    async with tls_client(ca_file, expired) as (client, _):
        listed = await client.list_page(offset=0, limit=1)

    assert f"valid until {day(-2):%Y-%m-%d}" in listed.message
    assert listed.hint is not None
    assert "clock" in listed.hint


@pytest.fixture
def old_server(ca):
    """A server of TLS 1.1 at most, in a thread: unlike asyncio's it sends the alert before it closes."""
    tls = leaf_tls(ca.issue_cert("127.0.0.1"))
    tls.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        tls.minimum_version = ssl.TLSVersion.TLSv1
        tls.maximum_version = ssl.TLSVersion.TLSv1_1

    def shake():
        plain, _ = listener.accept()
        with plain, suppress(ssl.SSLError):
            tls.wrap_socket(plain, server_side=True)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=shake)
        thread.start()
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


async def test_tls_before_1_2_is_refused(old_server, ca_file):
    async with client_of(old_server, ca_file=ca_file) as client:
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.CONFIG
    assert "no TLS connection" in result.message
    assert result.hint is not None
    assert "TLS 1.2" in result.hint


async def test_a_certificate_that_goes_bad_after_it_was_good_means_not_sent(ca, ca_file):
    """What has worked is set right; the network may recover."""
    tls = leaf_tls(ca.issue_cert("127.0.0.1"))
    hang_up = {"Connection": "close"}
    async with (
        serving(saying(response(200, b"", hang_up)), tls=tls) as server,
        client_of(server.url, ca_file=ca_file) as client,
    ):
        assert isinstance(await client.set_mode(ID, ResumeMode.AUTO), Reply)
        trustme.CA().issue_cert("127.0.0.1").configure_cert(tls)
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.NOT_SENT
    assert "not accepted" in result.message
    assert server.methods == ["PUT"]


@pytest.mark.parametrize("length", [0, 3, 5, 9, 40])
@pytest.mark.parametrize("then", ["closed", "silent"])
async def test_a_handshake_that_breaks_off_means_not_sent(then, length, ca_file):
    """What comes is the start of a server's first record: a handshake of 122 bytes, TLS 1.2."""
    start = (b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03" + bytes(200))[:length]

    async def shake(reader, writer):
        await reader.read(1)
        writer.write(start)
        await writer.drain()
        if then == "silent":
            await reader.read()

    started = time.monotonic()
    async with (
        listening(shake) as (port, _),
        client_of(f"https://127.0.0.1:{port}", ca_file=ca_file, timeouts=BRISK) as client,
    ):
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.NOT_SENT
    assert time.monotonic() - started < LONG_S


async def test_an_answer_that_tls_cuts_off_is_no_answer(ca, ca_file):
    """The connection ends without TLS saying so, in the middle of the body and where a body without length ends."""
    short = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"
    unbounded = b"HTTP/1.1 200 OK\r\n\r\n"
    for answer in (short, unbounded):
        tls = server_tls(ca, "127.0.0.1")
        async with (
            serving(saying_and_resetting(answer), tls=tls) as server,
            client_of(server.url, ca_file=ca_file) as client,
        ):
            result = await client.set_mode(ID, ResumeMode.AUTO)

        assert kind_of(result) is FailureKind.LOST
        assert server.methods == ["PUT"]


async def test_what_speaks_no_tls_is_a_matter_of_settings(ca_file):
    async def answer_anything(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with (
        listening(answer_anything) as (port, _),
        client_of(f"https://127.0.0.1:{port}", ca_file=ca_file) as client,
    ):
        result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.CONFIG
    assert "TLS" in result.message


async def test_a_handshake_that_stalls_means_not_sent(ca_file):
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        async with client_of(url, ca_file=ca_file, timeouts=BRISK) as client:
            result = await client.set_mode(ID, ResumeMode.AUTO)

    assert kind_of(result) is FailureKind.NOT_SENT


async def test_session_keys_are_not_written(ca, ca_file, tmp_path, monkeypatch):
    keys = tmp_path / "keys"
    monkeypatch.setenv("SSLKEYLOGFILE", str(keys))
    async with tls_client(ca_file, server_tls(ca, "127.0.0.1")) as (client, _):
        assert isinstance(await client.set_mode(ID, ResumeMode.AUTO), Reply)

    assert not keys.exists()


class SlowDoor:
    """A server whose second connection stands in the handshake until *opened*; it admits the first request only."""

    def __init__(self, tls):
        self.tls = tls
        self.opened = asyncio.Event()
        self.second = asyncio.Event()
        self.seen: list[str] = []

    async def __call__(self, reader, writer):
        if self.seen:
            # What the client says first is TLS's business, not the reader's.
            writer.transport.pause_reading()
            self.second.set()
            await self.opened.wait()
        await writer.start_tls(self.tls)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while line := (await reader.readuntil(b"\r\n\r\n")).decode().partition(" HTTP")[0]:
                self.seen.append(line)
                await asyncio.sleep(0)
                if len(self.seen) == 2:
                    await self.second.wait()
                writer.write(response(200 if len(self.seen) == 1 else 401, b""))
                await writer.drain()


@pytest.mark.parametrize("ends", ["refused", "hushed"])
async def test_what_is_still_connecting_when_the_key_is_refused_is_not_sent(ca, ca_file, ends):
    door = SlowDoor(server_tls(ca, "127.0.0.1"))
    async with listening(door) as (port, _), client_of(f"https://127.0.0.1:{port}", ca_file=ca_file) as client:
        assert isinstance(await client.set_mode(ID, ResumeMode.AUTO), Reply)
        on_its_way = asyncio.create_task(client.set_mode(ID, ResumeMode.AUTO))
        await asyncio.sleep(0)
        connecting = asyncio.create_task(client.set_mode(ID, ResumeMode.AUTO))
        if ends == "hushed":
            await door.second.wait()
            client.hush()
        await on_its_way
        door.opened.set()
        result = await connecting

    assert len(door.seen) == 2, "the first request, and the one that found out"
    assert kind_of(result) is (FailureKind.WITHDRAWN if ends == "hushed" else FailureKind.DENIED)
    assert "nothing was sent" in result.message
