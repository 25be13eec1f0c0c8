"""One connection: no byte that has come is left where nobody looks for it, and one question does not end the next."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from enforcer.dcs.network.exchange import _is_open, _Protocol, ask
from tests.virtual_time import run as in_virtual_time

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"1\r\nx\r\n"
WHOLE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}"


class Wire(asyncio.Transport):
    """A connection that leads nowhere; what comes is handed to the protocol by the test."""

    def write(self, data):
        pass

    def is_closing(self):
        return False

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


def connected() -> Any:
    """Return what is of a connection here."""
    wire, protocol = Wire(), _Protocol(asyncio.get_running_loop())
    protocol.connection_made(wire)
    return SimpleNamespace(protocol=protocol, transport=wire)


@pytest.mark.parametrize("chunks", [1, 16_384, 16_385, 16_386])
async def test_what_has_come_of_a_body_of_very_many_chunks_is_read_whatever_it_was_split_into(chunks):
    protocol = _Protocol(asyncio.get_running_loop())
    protocol.connection_made(Wire())
    protocol.set_response_params(read_until_eof=True, auto_decompress=False)
    protocol.data_received(HEAD + CHUNK * chunks)
    _, body = await protocol.read()
    read = body.read_nowait()
    protocol.data_received(CHUNK + b"0\r\n\r\n")
    while part := body.read_nowait():
        read += part

    assert body.at_eof()
    assert len(read) == chunks + 1


@pytest.mark.parametrize(
    "come", [b"", HEAD[:20], HEAD, HEAD + CHUNK], ids=["nothing", "half a head", "a head", "a part"]
)
async def test_whoever_waits_when_it_is_given_up_gets_a_timeout(come):
    protocol = _Protocol(asyncio.get_running_loop())
    protocol.connection_made(Wire())
    protocol.set_response_params(read_until_eof=True, auto_decompress=False)

    async def answer():
        _, body = await protocol.read()
        return await body.read()

    waiting = asyncio.create_task(answer())
    protocol.data_received(come)
    await asyncio.sleep(0)
    protocol.give_up()

    with pytest.raises(TimeoutError):
        await waiting
    assert protocol.should_close


def test_the_silence_that_one_question_allows_does_not_end_a_later_one():
    async def work():
        connection = connected()
        protocol = connection.protocol
        listing = asyncio.create_task(ask(connection, b"", silence_s=5, longest_header=1024))
        await asyncio.sleep(1)
        protocol.data_received(WHOLE)
        await listing
        protocol.data_received(b"\r\n")  # begins a silence anew
        setting = asyncio.create_task(ask(connection, b"", silence_s=None, longest_header=1024))
        await asyncio.sleep(10)
        protocol.data_received(WHOLE)
        head, _ = await setting
        assert head.code == 200

    in_virtual_time(work())


@pytest.mark.parametrize("come", [b"", b"\r\n", WHOLE[:20], WHOLE])
async def test_a_connection_on_which_something_came_before_anything_was_asked_is_not_used(come):
    connection = connected()
    connection.protocol.data_received(come)

    assert _is_open(connection) == (not come)
