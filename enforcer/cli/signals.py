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
    """Let no signal in for as long as the block lasts, but where `let_in` says so.

    One that came before that is heard then; one that came after it, when all is done anyway, is dropped.
    """
    before = signal.pthread_sigmask(signal.SIG_BLOCK, codes())
    try:
        yield
    finally:
        while signal.sigtimedwait(codes(), 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def let_in() -> Iterator[None]:
    """Let signals in for as long as the block lasts."""
    before = signal.pthread_sigmask(signal.SIG_UNBLOCK, codes())
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    raise Ended(codes().get(signal.Signals(number), SIGTERM_CODE))


def _has_terminal() -> bool:
    with suppress(OSError):
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC))
        return True
    return False
