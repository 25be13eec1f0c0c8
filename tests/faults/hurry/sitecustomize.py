"""Makes the time of a process that has this folder in PYTHONPATH run HURRY times as fast, while it waits.

Time-outs of 15 s, gates of a minute and rates are then met in real tests within seconds, through the installed command
and without touching a line or a number of it: the loop's clock is faster, and that of asyncio-throttle, which has its
own. Wall clock, signatures and the journal's times stay as they are.

No test hangs on how busy the machine is: while the process works, or waits for the processor, time runs as it does, and
while an answer is awaited only HURRY_AWAITING times as fast, so that a server that gets no processor for a while is no
server that hangs. Every jitter is the half of what it may be.
RESOLVER=unknown makes every name under .test unknown, RESOLVER=hangs makes every look-up take 30 s, in true time.
"""

import asyncio
import os
import random
import selectors
import socket
import time
from types import SimpleNamespace
from weakref import WeakSet

PACE = float(os.environ.get("HURRY", "1"))
AWAITING = float(os.environ.get("HURRY_AWAITING", PACE))
_connectors: WeakSet = WeakSet()


class _Selector(selectors.DefaultSelector):
    def __init__(self):
        super().__init__()
        self._ahead_s = 0.0

    def time(self):
        return time.monotonic() + self._ahead_s

    def select(self, timeout=None):
        pace = AWAITING if any(_is_asked(each) for each in _connectors) else PACE
        longest = None if timeout is None else max(0.0, timeout) / pace
        began = time.monotonic()
        ready = super().select(longest)
        waited = time.monotonic() - began
        # What it was kept waiting for longer than it asked was not its own wait.
        self._ahead_s += (pace - 1) * (waited if longest is None else min(waited, longest))
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        self._clock = _Selector()
        super().__init__(self._clock)

    def time(self):
        return self._clock.time()


class _Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = _Loop


def _is_asked(connector):
    """Whether a connection is in use, and not only kept for the next question; neither has a public name."""
    return len(connector._acquired) > sum(len(way._kept) for way in getattr(connector, "ways", ()))


def _watched(make):
    def init(self, *rest, **more):
        make(self, *rest, **more)
        _connectors.add(self)

    return init


def _getaddrinfo(host, *rest, **more):
    if isinstance(host, str) and host.endswith(".test"):
        time.sleep(30 if os.environ["RESOLVER"] == "hangs" else 0)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _original(host, *rest, **more)


if "RESOLVER" in os.environ:
    _original = socket.getaddrinfo
    socket.getaddrinfo = _getaddrinfo
random.random = lambda: 0.5
if PACE != 1:
    from aiohttp import BaseConnector
    from asyncio_throttle import throttler

    # Whoever makes one does not know that it is watched.
    BaseConnector.__init__ = _watched(BaseConnector.__init__)  # type: ignore[method-assign]
    vars(throttler)["time"] = SimpleNamespace(monotonic=lambda: asyncio.get_running_loop().time())
    asyncio.set_event_loop_policy(_Policy())
