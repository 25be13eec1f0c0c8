"""Run a coroutine under signals: the first drains, the second cancels. The exit code is the run's own business."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final

from enforcer.errors import ExitCode
from enforcer.model.event import RunStopped
from enforcer.run.stopping import Stop

_CODES: Final = {signal.SIGINT: ExitCode.SIGINT, signal.SIGTERM: ExitCode.SIGTERM}


def run(main: Callable[[Stop], Coroutine[Any, Any, None]]) -> None:
    """
    Run *main* to its end.

    The first SIGINT or SIGTERM asks for a stop, and *main* drains. The second cancels it: what was in flight
    stays unknown. Whatever else *main* raises comes out.
    """
    stop = Stop()
    with asyncio.Runner() as runner:
        try:
            runner.run(_heed_signals(main, stop))
        except asyncio.CancelledError:
            if stop.cause is None:
                raise


async def _heed_signals(main: Callable[[Stop], Coroutine[Any, Any, None]], stop: Stop) -> None:
    loop = asyncio.get_running_loop()
    worker = loop.create_task(main(stop), name="main")
    received: list[signal.Signals] = []

    def on_signal(number: signal.Signals) -> None:
        received.append(number)
        if len(received) > 1:
            worker.cancel()
            return
        stop.ask(
            RunStopped(
                exit_code=_CODES[number],
                message=f"{number.name} received: no new request is started, those in flight are finished",
                hint="Run the same command again to do the rest.",
            )
        )

    for number in _CODES:
        loop.add_signal_handler(number, on_signal, number)
    try:
        await worker
    finally:
        for number in _CODES:
            loop.remove_signal_handler(number)
