"""An event loop in which waiting takes no time: when nothing is ready, its clock jumps to the next timer."""

import asyncio
import selectors
import time
from collections.abc import Coroutine
from types import SimpleNamespace
from typing import Any, TypeVar

from asyncio_throttle import throttler

T = TypeVar("T")

PATIENCE_S = 60
"""Real time that a thread may take, while everything else waits for it."""


class _Jumping(selectors.SelectSelector):
    now = 0.0

    def select(self, timeout: float | None = None) -> Any:
        ready = super().select(0)
        if not ready and timeout is None:
            # A thread may be at work, and its end is no timer's.
            ready = super().select(PATIENCE_S)
            if not ready:
                raise RuntimeError("everything waits, and no timer is set: a deadlock")
        elif not ready:
            # The real loop wakes up a little late, never early: a clock that lands exactly would hide mistakes.
            self.now += (timeout or 0) + 1e-6
        return ready


class _Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self._clock = _Jumping()
        super().__init__(self._clock)

    def time(self) -> float:
        return self._clock.now

    def run_in_executor(  # type: ignore[override]  # typeshed says with TypeVarTuples what Any says here
        self, executor: Any, func: Any, *args: Any
    ) -> Any:
        """Do the work at once: while a thread was at it, the clock would jump as if nothing went on."""
        done = self.create_future()
        try:
            done.set_result(func(*args))
        except Exception as error:  # noqa: BLE001 - it belongs to whoever awaits the future
            done.set_exception(error)
        return done


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run *main* in virtual time; asyncio-throttle, which reads time.monotonic, follows the same clock."""
    library = vars(throttler)
    real = library["time"]
    with asyncio.Runner(loop_factory=_Loop) as runner:
        library["time"] = SimpleNamespace(monotonic=runner.get_loop().time, sleep=time.sleep)
        try:
            return runner.run(main)
        finally:
            library["time"] = real
