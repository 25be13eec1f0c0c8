"""Blocking work beside the loop, in a thread that nobody waits for at exit."""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")


async def aside(work: Callable[[], T]) -> T:
    """
    Return what *work* returns, or raise what it raises; it runs in a thread of its own.

    Not the loop's executor: closing the loop waits for its threads, so that a hung disk or server would
    keep the process from ending.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[T] = loop.create_future()

    def settle(report: Callable[[Any], None], value: Any) -> None:
        if not result.done():
            report(value)

    def run() -> None:
        report: Callable[[Any], None]
        value: Any
        try:
            report, value = result.set_result, work()
        except Exception as error:  # noqa: BLE001 - raised again where it is awaited
            report, value = result.set_exception, error
        with suppress(RuntimeError):  # the loop was closed meanwhile
            loop.call_soon_threadsafe(settle, report, value)

    threading.Thread(target=run, name="aside", daemon=True).start()
    return await result
