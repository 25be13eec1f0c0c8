"""Makes the time of a process that has this folder in PYTHONPATH run HURRY times as fast.

Time-outs of 20 s, gates of a minute and rates are then met in real tests within seconds, through the installed command
and without touching a line or a number of it: the loop's clock is faster, and that of asyncio-throttle, which has its
own. Wall clock, signatures and the journal's times stay as they are.
RESOLVER=unknown makes every name under .test unknown, RESOLVER=hangs makes every look-up take 30 s, in true time.
"""

import asyncio
import os
import selectors
import socket
import time
from types import SimpleNamespace

PACE = float(os.environ.get("HURRY", "1"))


class _Selector(selectors.DefaultSelector):
    def select(self, timeout=None):
        return super().select(None if timeout is None else timeout / PACE)


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self):
        super().__init__(_Selector())

    def time(self):
        return super().time() * PACE


class _Policy(asyncio.DefaultEventLoopPolicy):
    _loop_factory = _Loop


def _getaddrinfo(host, *rest, **more):
    if isinstance(host, str) and host.endswith(".test"):
        time.sleep(30 if os.environ["RESOLVER"] == "hangs" else 0)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    return _original(host, *rest, **more)


if "RESOLVER" in os.environ:
    _original = socket.getaddrinfo
    socket.getaddrinfo = _getaddrinfo
if PACE != 1:
    from asyncio_throttle import throttler

    vars(throttler)["time"] = SimpleNamespace(monotonic=lambda: time.monotonic() * PACE)
    asyncio.set_event_loop_policy(_Policy())
