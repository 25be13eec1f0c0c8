"""
A DCS of raw bytes that is quicker than any client here: it lists, takes PUTs, notes every arrival, remembers modes.

It checks no signature and knows no error. Started as a process of its own, it prints its port and ends with its
standard input:  python -m tests.bench.server TASKS AUTO_EVERY
"""

import asyncio
import json
import os
import re
import sys
import time

from tests.bench import fleet

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_QUERY = re.compile(rb"\?limit=(\d+)&offset=(\d+)")
_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class Fleet:
    """Rows rendered once, each in two halves with the mode between them."""

    def __init__(self, tasks: int, auto_every: int) -> None:
        rows = [json.dumps(fleet.row(number)).encode()[:-1] + b', "resume_mode": "' for number in range(tasks)]
        self._rows = rows
        self._first = [b"auto" if number % auto_every == 0 else b"manual" for number in range(tasks)]
        self._number = {fleet.task_id(number).encode(): number for number in range(tasks)}
        self.reset()

    def reset(self) -> None:
        """Forget what has come and what it changed."""
        self._modes = list(self._first)
        self._pages: dict[tuple[int, int], bytes] = {}
        self.arrivals: list[tuple[str, float]] = []

    def answer(self, head: bytes, body: bytes, at: float) -> bytes:
        """Return the answer to a request that came at *at*, seconds of a clock that only goes forward."""
        method, target, _ = head.split(b" ", 2)
        if target == b"/_bench/arrivals":
            return _json(json.dumps(self.arrivals).encode())
        if target == b"/_bench/reset":
            self.reset()
            return _TAKEN
        self.arrivals.append((method.decode(), at))
        return self._update(target, body) if method == b"PUT" else self._page(target)

    def _update(self, target: bytes, body: bytes) -> bytes:
        number = self._number.get(target.rpartition(b"/")[2])
        if number is None:
            return _MISSING
        self._modes[number] = b"manual" if b"manual" in body else b"auto"
        self._pages.clear()
        return _TAKEN

    def _page(self, target: bytes) -> bytes:
        found = _QUERY.search(target)
        if found is None:
            return _MISSING
        limit, offset = int(found[1]), int(found[2])
        page = self._pages.get((limit, offset))
        if page is None:
            rows = zip(self._rows[offset : offset + limit], self._modes[offset : offset + limit], strict=True)
            listed = b",".join([row + mode + b'"}' for row, mode in rows])
            page = _json(b'{"count":%d,"migration_tasks":[%b]}' % (len(self._rows), listed))
            self._pages[limit, offset] = page
        return page


class Connection(asyncio.Protocol):
    """Finds the ends of requests, nothing more."""

    def __init__(self, tasks: Fleet) -> None:
        self._fleet = tasks
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        at = time.perf_counter()
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            head = self._received[:end]
            length = _LENGTH.search(head)
            whole = end + (int(length[1]) if length else 0)
            if len(self._received) < whole:
                return
            body, self._received = self._received[end:whole], self._received[whole:]
            self._transport.write(self._fleet.answer(head, body, at))


def _json(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def _serve(tasks: Fleet) -> None:
    loop = asyncio.get_running_loop()
    ended = asyncio.Event()

    def read_input() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            ended.set()

    server = await loop.create_server(lambda: Connection(tasks), "127.0.0.1", 0, backlog=512)
    loop.add_reader(sys.stdin.fileno(), read_input)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await ended.wait()
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve(Fleet(int(sys.argv[1]), int(sys.argv[2]))))
