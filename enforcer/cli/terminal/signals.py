"""SIGINT, SIGTERM and SIGHUP while no run listens to them: they end the command, with the exit code of the signal.

Imports next to nothing, since it has to be in place before all else is loaded: as process 1 of a container, Python
does not hear SIGTERM until it is told to, and elsewhere the first tenth of a second would end without a word.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final, NoReturn

SIGINT_CODE: Final = 130
SIGTERM_CODE: Final = 143


_held: list[signal.Signals] = []
"""Signals belong to the process, and so does what is known of them."""


class Ended(SystemExit):
    """A signal came where there is nothing to finish."""


def install() -> None:
    """Set the handlers, once, before anything else is imported.

    SIGHUP says that the terminal has gone: without one it means nothing and is ignored, as it is under nohup.
    """
    signal.signal(signal.SIGINT, _end)
    signal.signal(signal.SIGTERM, _end)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _end if _has_terminal() else signal.SIG_IGN)


def codes() -> dict[signal.Signals, int]:
    """Return the signals that are to be heeded, each with the exit code of what it ends."""
    heeded = {signal.SIGINT: SIGINT_CODE, signal.SIGTERM: SIGTERM_CODE}
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        heeded[signal.SIGHUP] = SIGTERM_CODE
    return heeded


@contextmanager
def held_back() -> Iterator[None]:
    """Let no signal disturb the block: it is kept for whoever calls `take`, and forgotten at the end.

    By then the work is done, and ending is what comes next anyway.
    """
    before = {number: signal.signal(number, _hold) for number in codes()}
    try:
        yield
    finally:
        take()
        for number, handler in before.items():
            signal.signal(number, handler)


def take() -> tuple[signal.Signals, ...]:
    """Return the signals that came while they were held back and that nobody has taken yet."""
    taken = tuple(_held)
    _held.clear()
    return taken


def _hold(number: int, _frame: FrameType | None) -> None:
    _held.append(signal.Signals(number))


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(codes().get(signal.Signals(number), SIGTERM_CODE))


def _has_terminal() -> bool:
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
        return True
    return False
