"""What can be done to a request instead of answering it well. Each is an Action, or makes one."""

import asyncio
import gzip
import time
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any

from tests.faults.http1 import Reply
from tests.faults.rules import Action
from tests.faults.server import Exchange, error
from tests.faults.store import Store

HTML = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in</body></html>"
MIB = 1024 * 1024


async def ok(x: Exchange) -> None:
    """Do as asked."""
    await x.reply(x.serve(), telling=True)


def status(code: int, error_code: str | None = None, text: str = "made up", **headers: str) -> Action:
    """Answer with *code* and do nothing; without *error_code* the body is empty."""

    async def act(x: Exchange) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        reply = Reply(status=code, headers=named) if error_code is None else error(code, error_code, text, **named)
        await x.reply(reply, telling=None if code != 200 else False)

    return act


def body(content: Any, *, applied: bool = False, code: int = 200, telling: bool = False, **headers: str) -> Action:
    """Answer *code* with *content*; a PUT is done only if *applied*."""

    async def act(x: Exchange) -> None:
        if applied:
            x.apply()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await x.reply(Reply(status=code, body=content, headers=named), telling=telling)
        x.record.shown = {}

    return act


def header(**headers: str) -> Action:
    """Do as asked and send *headers* along."""

    async def act(x: Exchange) -> None:
        reply = x.serve()
        reply.headers |= {name.replace("_", "-"): value for name, value in headers.items()}
        await x.reply(reply, telling=True)

    return act


def latency(seconds: float) -> Action:
    """Do as asked, *seconds* late."""

    async def act(x: Exchange) -> None:
        await asyncio.sleep(seconds)
        await ok(x)

    return act


def hang(*, applied: bool = False) -> Action:
    """Say nothing until the client goes."""

    async def act(x: Exchange) -> None:
        if applied:
            x.serve()
        await x.until_the_client_goes()

    return act


def drip(interval_s: float = 0.02, *, applied: bool = False) -> Action:
    """Begin an answer and send a byte every *interval_s*, until the client goes."""

    async def act(x: Exchange) -> None:
        if applied:
            x.serve()
        await x.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n")
        while True:
            await asyncio.sleep(interval_s)
            await x.write(b" ")

    return act


def reset_at(byte: int, *, applied: bool = False) -> Action:
    """Send *byte* bytes of the ordinary answer (negative: counted from its end), then reset the connection."""

    async def act(x: Exchange) -> None:
        wire = x.wire(x.serve() if applied else x.preview())
        await x.write(wire[:byte])
        await asyncio.sleep(0.01)
        x.reset()

    return act


def cut_at(byte: int, *, applied: bool = False) -> Action:
    """Send *byte* bytes of the ordinary answer (negative: counted from its end), then close the connection."""

    async def act(x: Exchange) -> None:
        wire = x.wire(x.serve() if applied else x.preview())
        await x.write(wire[:byte])
        x.close()

    return act


async def close_before(x: Exchange) -> None:
    """Close without doing or answering anything."""
    x.close()


async def apply_then_close(x: Exchange) -> None:
    """Do as asked and close without an answer."""
    x.serve()
    x.close()


def close_then_apply(seconds: float = 0.0) -> Action:
    """Close without an answer, and do as asked *seconds* later."""

    async def act(x: Exchange) -> None:
        x.close()
        x.server.later.append(asyncio.get_running_loop().call_later(seconds, x.apply))

    return act


def apply_then_status(code: int, error_code: str | None = "APIGW.0201") -> Action:
    """Do as asked and answer with an error."""

    async def act(x: Exchange) -> None:
        x.serve()
        await x.reply(Reply(status=code) if error_code is None else error(code, error_code, "Backend unavailable."))
        x.record.shown = {}

    return act


async def ack_without_apply(x: Exchange) -> None:
    """Say that it is done, and do nothing."""
    await x.reply(x.preview(), telling=True)


def apply_after(seconds: float) -> Action:
    """Say that it is done, and do it *seconds* later."""

    async def act(x: Exchange) -> None:
        await x.reply(x.preview(), telling=True)
        x.server.later.append(asyncio.get_running_loop().call_later(seconds, x.apply))

    return act


def redirect(code: int, location: str) -> Action:
    """Send the client elsewhere."""

    async def act(x: Exchange) -> None:
        await x.reply(Reply(status=code, headers={"Location": location}))

    return act


def gzip_bomb(size: int = 400 * MIB, *, encoding: str = "gzip") -> Action:
    """Send *size* bytes of blanks, compressed a thousandfold, though nobody asked for compression."""
    packed = _packed(size, encoding)

    async def act(x: Exchange) -> None:
        await x.write(x.wire(Reply(body=packed, headers={"Content-Encoding": encoding})))

    return act


def _packed(size: int, encoding: str) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31 if encoding == "gzip" else 15)
    head = packer.compress(b"{") + packer.flush(zlib.Z_FULL_FLUSH)
    # After a full flush a block stands for itself and can be repeated. The checksum at the end is wrong then, which
    # only those find out who have swallowed all of it.
    block = packer.compress(b" " * MIB) + packer.flush(zlib.Z_FULL_FLUSH)
    return head + block * (size // MIB) + packer.compress(b"}") + packer.flush()


async def unasked_gzip(x: Exchange) -> None:
    """Answer compressed and well, though nobody asked for it."""
    reply = x.serve()
    packed = gzip.compress(reply.payload() or b" ")
    await x.write(x.wire(Reply(status=reply.status, body=packed, headers={"Content-Encoding": "gzip"})))
    x.told(reply, telling=False)


def garbage(data: bytes) -> Action:
    """Send *data* in place of HTTP and close."""

    async def act(x: Exchange) -> None:
        await x.write(data)
        x.close()

    return act


def close_delimited_cut(code: int = 200) -> Action:
    """Send a close-delimited answer and cut its body in half."""

    async def act(x: Exchange) -> None:
        payload = x.preview().payload() or b'{"task_id": "'
        await x.write(f"HTTP/1.1 {code} OK\r\nContent-Type: application/json\r\n\r\n".encode())
        await x.write(payload[: max(1, len(payload) // 2)])
        x.close()

    return act


class Bucket:
    """*rate* requests a second, at most *burst* at once."""

    def __init__(self, rate: float, burst: float) -> None:
        self._rate, self._burst, self._left, self._at = rate, burst, burst, time.monotonic()

    def admits(self, now: float) -> bool:
        self._left = min(self._burst, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Window:
    """*count* requests in any *period* seconds; a window that slides, and counts what it rejects if *strict*."""

    def __init__(self, count: int, period: float, *, strict: bool = False) -> None:
        self._count, self._period, self._strict = count, period, strict
        self._times: deque[float] = deque()

    def admits(self, now: float) -> bool:
        while self._times and now - self._times[0] > self._period:
            self._times.popleft()
        admitted = len(self._times) < self._count
        if admitted or self._strict:
            self._times.append(now)
        return admitted


def throttle(limit: Bucket | Window, text: str = "limit:60,time:1 minute", **headers: str) -> Action:
    """Do as asked while *limit* admits it, else answer as the gateway does when it is too fast."""

    async def act(x: Exchange) -> None:
        if limit.admits(time.monotonic()):
            await ok(x)
            return
        await throttled(text, **headers)(x)

    return act


def throttled(text: str = "", **headers: str) -> Action:
    """Say "slow down"."""
    said = "The throttling threshold has been reached" + (f": policy ip over ratelimit,{text}" if text else "")
    return status(429, "APIGW.0308", said, **headers)


def expire_auth(*, change: Callable[[dict[str, str]], None] = dict.clear) -> Action:
    """From now on the keys are others: *change* is given the dictionary of keys and their secrets."""

    async def act(x: Exchange) -> None:
        change(x.server.access.keys)
        await ok(x)

    return act


def skew_date(seconds: float) -> Action:
    """Let the server's clock be that far ahead from now on, and do as asked."""

    async def act(x: Exchange) -> None:
        x.server.access.ahead_s = seconds
        await ok(x)

    return act


def meddle(change: Callable[[Store], object], *, after: bool = True) -> Action:
    """Do as asked, and let somebody else *change* the store right after it, or before."""

    async def act(x: Exchange) -> None:
        if not after:
            change(x.store)
        reply = x.serve()
        if after:
            change(x.store)
        await x.reply(reply, telling=True)

    return act


def delete_task(task_id: str | None = None) -> Action:
    """Delete the task that the request is about, or *task_id*, then answer as if it had always been gone."""

    async def act(x: Exchange) -> None:
        victim = task_id or x.record.task_id or x.store.ids[0]
        x.store.delete(victim)
        await ok(x)

    return act


async def ignore_offset(x: Exchange) -> None:
    """Answer every list with the first page."""
    x.preview()
    await x.reply(Reply(body=x.store.page(0, 1000)))


async def no_close_notify(x: Exchange) -> None:
    """Begin an answer without a length and end the connection without TLS's goodbye."""
    await x.write(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n")
    await x.write(x.preview().payload()[:20] or b'{"task_id"')
    x.drop()


def down_window(seconds: float, *, applied: bool = False) -> Action:
    """Refuse all connections for *seconds*, this one included."""

    async def act(x: Exchange) -> None:
        if applied:
            x.serve()
        x.server.go_down(seconds)

    return act


async def closes_after(x: Exchange) -> None:
    """Answer well, promise to keep the connection, and close it."""
    reply = x.serve()
    reply.headers["Connection"] = "keep-alive"
    await x.reply(reply, telling=True)
    x.close()


def swapped(other: Callable[[Store, str], str]) -> Action:
    """Answer with the details of another task, chosen by *other*."""

    async def act(x: Exchange) -> None:
        details = x.store.details(other(x.store, x.record.task_id or "")) or {}
        await x.reply(Reply(body=details), telling=False)
        x.record.shown = {}

    return act


def preceded(data: bytes) -> Action:
    """Send *data* first, then do as asked."""

    async def act(x: Exchange) -> None:
        await x.write(data)
        await ok(x)

    return act


def altered(change: Callable[[Any], Any], *, applied: bool = True) -> Action:
    """Do as asked, and answer with what *change* makes of the ordinary body (``b""`` for a PUT)."""

    async def act(x: Exchange) -> None:
        reply = x.serve() if applied else x.preview()
        reply.body = change(reply.body)
        await x.reply(reply, telling=False)
        if not isinstance(reply.body, dict):
            x.record.shown = {}

    return act
