"""What the services of others take their time over: in threads that the process does not wait for, and in silence."""

import logging
import queue
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


def start(work: Callable[[], object]) -> None:
    """Begin *work* and return at once. What hangs in it is left behind when the process ends."""
    threading.Thread(target=work, daemon=True, name="detached").start()


def within(seconds: float, work: Callable[[], T]) -> T | None:
    """Return what *work* returns, None if it takes longer than *seconds*; it must not raise."""
    done: queue.SimpleQueue[T] = queue.SimpleQueue()
    start(lambda: done.put(work()))
    try:
        return done.get(timeout=max(seconds, 0))
    except queue.Empty:
        return None


@contextmanager
def silence() -> Iterator[None]:
    """Show no warning, and from now on no line of the standard log: they have addresses in them.

    Nothing else in this process logs that way, and what is left behind may still have something to say.
    """
    logging.disable(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
