"""Reading a body off a connection: no byte that has come is left where nobody looks for it."""

import asyncio

import pytest

from enforcer.dcs.network.exchange import _Protocol

HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
CHUNK = b"1\r\nx\r\n"


class Wire(asyncio.Transport):
    """A connection that nothing is sent over; what comes is handed to the protocol by the test."""

    def pause_reading(self):
        pass

    def resume_reading(self):
        pass


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
