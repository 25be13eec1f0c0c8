"""The application on a port of the loopback address, for as long as someone wants it.

It listens nowhere else: its keys are printed, and its memory can be read without any.
"""

import asyncio
import contextlib
import os
import signal
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

from aiohttp import web

from enforcer.simulator import account, app
from enforcer.simulator.account import Account
from enforcer.simulator.settings import Settings

_HOST = "127.0.0.1"
_STDIN = 0


class CannotListenError(Exception):
    """The port is taken, or not ours to take; the text says which and why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where the simulator listens and who may come in."""

    endpoint: str
    account: Account

    @property
    def port(self) -> int:
        return int(self.endpoint.rpartition(":")[2])

    def as_line(self) -> dict[str, str]:
        """Return what a client needs, by name; ``security_token`` only if the keys are temporary."""
        who = self.account
        line = {
            "endpoint": self.endpoint,
            "iam_endpoint": self.endpoint,
            "region": who.region,
            "project_id": who.project_id,
            "ak": who.ak,
            "sk": who.sk,
            "user": who.user,
            "password": who.password,
            "domain": who.domain,
        }
        return line if who.security_token is None else line | {"security_token": who.security_token}


@contextlib.asynccontextmanager
async def listening(settings: Settings, *, port: int = 0) -> AsyncIterator[Stand]:
    """
    Serve on *port* of 127.0.0.1 (0: any free one) until the block is left.

    Raises CannotListenError if the port cannot be had.
    """
    who = account.temporary(settings.seed) if settings.temporary_keys else account.permanent(settings.seed)
    application = app.build(account=who, fleet=app.fleet(settings), settings=settings)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
    await runner.setup()
    try:
        await _bind(runner, port)
        yield Stand(endpoint=f"http://{_HOST}:{runner.addresses[0][1]}", account=who)
    finally:
        await runner.cleanup()


async def serve(
    settings: Settings,
    announce: Callable[[dict[str, str]], None],
    *,
    port: int = 0,
    duration: float | None = None,
    stdin_holds: bool = False,
) -> None:
    """
    Serve until SIGINT, SIGTERM, the end of *duration*, or with *stdin_holds* the end of standard input.

    *announce* is told once, when it listens. Raises CannotListenError if the port
    cannot be had.
    """
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for stopping in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(stopping, stop.set)
    if stdin_holds:
        threading.Thread(target=_tell_of_end_of_input, args=(loop, stop), daemon=True).start()
    async with listening(settings, port=port) as stand:
        announce(stand.as_line())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(duration):
                await stop.wait()


async def _bind(runner: web.AppRunner, port: int) -> None:
    try:
        await web.TCPSite(runner, _HOST, port).start()
    except OSError as error:
        reason = error.strerror or error
        raise CannotListenError(f"The simulator cannot listen on {_HOST}:{port}: {reason}.") from error


def _tell_of_end_of_input(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    # A thread, because an event loop cannot watch every kind of standard input: not a file, not /dev/null.
    with contextlib.suppress(OSError):  # no standard input at all is its end too
        while os.read(_STDIN, 4096):
            pass
    with contextlib.suppress(RuntimeError):  # the loop ended first
        loop.call_soon_threadsafe(stop.set)
