"""
A DCS of raw bytes that costs little: it lists, takes PUTs, notes every arrival, remembers modes.

It checks no signature, and knows no error but the one that says "slow down". Behind nginx, which answers the PUTs, it
learns from nginx's log what was put. Started as a process of its own, it prints its port and ends with its standard
input:  python -m tests.bench.server '{"tasks": 1000}', with the keys of `Terms`.
"""

import asyncio
import json
import os
import random
import re
import sys
import time
from collections import defaultdict, deque
from dataclasses import dataclass
from pathlib import Path

from tests.bench import fleet

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_QUERY = re.compile(rb"\?limit=(\d+)&offset=(\d+)")
_TAKEN = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
_MISSING = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
_SLOW_DOWN = b'{"error_msg":"The throttling threshold has been reached","error_code":"APIGW.0308","request_id":"0"}'
_THROTTLED = b"HTTP/1.1 429 Too Many Requests\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (
    len(_SLOW_DOWN),
    _SLOW_DOWN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How the server behaves."""

    tasks: int
    auto_every: int = 1
    """Each how manieth task is in the mode auto at first; the others are in manual."""
    latency_s: float = 0.0
    spread: float = 0.0
    """How far a latency may be from that, as a share of it."""
    limit: int | None = None
    """How many requests are taken in any *period_s*; None: all."""
    period_s: float = 1.0
    put_log: str | None = None
    """The log of the nginx in front, a line for each PUT that asked for manual: time, duration, status, path."""


class Fleet:
    """Rows rendered once, each in two halves with the mode between them."""

    def __init__(self, terms: Terms) -> None:
        tasks = terms.tasks
        self._terms = terms
        self._rows = [json.dumps(fleet.row(number)).encode()[:-1] + b', "resume_mode": "' for number in range(tasks)]
        self._first = [b"auto" if number % terms.auto_every == 0 else b"manual" for number in range(tasks)]
        self._number = {fleet.task_id(number).encode(): number for number in range(tasks)}
        self.reset()

    def reset(self) -> None:
        """Forget what has come and what it changed."""
        # Each project has the same tasks, in modes of its own.
        self._modes: defaultdict[bytes, list[bytes]] = defaultdict(lambda: list(self._first))
        self._pages: dict[bytes, bytes] = {}
        self._log_read = 0
        self._admitted: deque[float] = deque()
        self.arrivals: list[tuple[str, float, int]] = []
        """Of each request the method, the time and the status of its answer."""

    def answer(self, head: bytes, body: bytes, at: float) -> bytes:
        """Return the answer to a request that came at *at*, seconds of a clock that only goes forward."""
        method, target, _ = head.split(b" ", 2)
        if target == b"/_bench/arrivals":
            return _json(json.dumps(self.arrivals).encode())
        if target == b"/_bench/reset":
            self.reset()
            return _TAKEN
        if not self._admits(at):
            self.arrivals.append((method.decode(), at, 429))
            return _THROTTLED
        self.arrivals.append((method.decode(), at, 200))
        return self._update(target, body) if method == b"PUT" else self._page(target)

    def latency_s(self) -> float:
        """Return how long to wait before the next answer."""
        return self._terms.latency_s * random.uniform(1 - self._terms.spread, 1 + self._terms.spread)

    def _admits(self, at: float) -> bool:
        if self._terms.limit is None:
            return True
        while self._admitted and self._admitted[0] <= at - self._terms.period_s:
            self._admitted.popleft()
        if len(self._admitted) >= self._terms.limit:
            return False
        self._admitted.append(at)
        return True

    def _update(self, target: bytes, body: bytes) -> bytes:
        if not self._set(target, b"manual" if b"manual" in body else b"auto"):
            return _MISSING
        self._pages.clear()
        return _TAKEN

    def _set(self, target: bytes, mode: bytes) -> bool:
        """Set the mode of the task that the path *target* names; return whether there is one."""
        project, _, task_id = target.rpartition(b"/migration-task/")
        number = self._number.get(task_id)
        if number is not None:
            self._modes[project][number] = mode
        return number is not None

    def _page(self, target: bytes) -> bytes:
        found = _QUERY.search(target)
        if found is None:
            return _MISSING
        self._heed_log()
        if target not in self._pages:
            part = slice(int(found[2]), int(found[2]) + int(found[1]))
            modes = self._modes[target.partition(b"/migration-tasks")[0]]
            listed = b",".join([row + mode + b'"}' for row, mode in zip(self._rows[part], modes[part], strict=True)])
            self._pages[target] = _json(b'{"count":%d,"migration_tasks":[%b]}' % (len(self._rows), listed))
        return self._pages[target]

    def _heed_log(self) -> None:
        """Take in what nginx has answered since it was looked at last."""
        if self._terms.put_log is None:
            return
        with Path(self._terms.put_log).open("rb") as log:
            log.seek(self._log_read)
            lines = log.read()
        self._log_read += len(lines)
        for line in lines.splitlines():
            self._set(line.rpartition(b" ")[2], b"manual")
        if lines:
            self._pages.clear()


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
            self._send(self._fleet.answer(head, body, at))

    def _send(self, answer: bytes) -> None:
        wait_s = self._fleet.latency_s()
        if wait_s:
            # A connection has one request at a time, so answers cannot overtake each other.
            asyncio.get_running_loop().call_later(wait_s, self._transport.write, answer)
        else:
            self._transport.write(answer)


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
    asyncio.run(_serve(Fleet(Terms(**json.loads(sys.argv[1])))))
