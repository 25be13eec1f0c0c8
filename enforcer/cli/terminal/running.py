"""Run a coroutine under signals: the first drains, the second cancels. The exit code is the run's own business."""

import asyncio
import signal
from collections.abc import Callable, Coroutine
from typing import Any

from enforcer.cli.terminal import loops, signals
from enforcer.model.event import RunStopped
from enforcer.run.stopping import Stop


def run(main: Callable[[Stop], Coroutine[Any, Any, None]], *, drain_s: float = 30) -> None:
    """
    Run *main* to its end.

    The first SIGINT, SIGTERM, or SIGHUP of a terminal asks for a stop, and *main* drains. The second cancels it: what
    was in flight stays unknown. So does a drain that takes longer than *drain_s* seconds, whatever asked for the
    stop. Whatever else *main* raises comes out. Raises ConfigError if a loop is asked for that is not there.
    """
    stop = Stop()
    with asyncio.Runner(loop_factory=loops.chosen()) as runner:
        try:
            runner.run(_heed_signals(main, stop, drain_s))
        except asyncio.CancelledError:
            if stop.cause is None:
                raise


async def _heed_signals(main: Callable[[Stop], Coroutine[Any, Any, None]], stop: Stop, drain_s: float) -> None:
    loop = asyncio.get_running_loop()
    worker = loop.create_task(main(stop), name="main")

    def drain(_cause: RunStopped) -> None:
        loop.call_later(drain_s, worker.cancel)

    stop.listen(drain)
    received: list[signal.Signals] = []

    def on_signal(number: signal.Signals, code: int) -> None:
        received.append(number)
        if len(received) > 1:
            worker.cancel()
            return
        stop.ask(
            RunStopped(
                exit_code=code,
                message=f"{number.name} received: no new request is started, those in flight are finished",
                hint="Run the same command again to do the rest.",
            )
        )

    codes = signals.codes()
    before = {number: signal.getsignal(number) for number in codes}
    for number, code in codes.items():
        loop.add_signal_handler(number, on_signal, number, code)
    for number in signals.take():
        on_signal(number, codes[number])
    try:
        await worker
    finally:
        for number, handler in before.items():
            loop.remove_signal_handler(number)
            signal.signal(number, handler)
