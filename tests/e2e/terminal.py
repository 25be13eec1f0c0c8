"""A terminal for tests: the command runs on a pseudo-terminal that controls it, and pyte draws what a person sees."""

import contextlib
import fcntl
import os
import pty
import re
import select
import struct
import sys
import termios
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyte

from tests.command import Command, Outcome

COLUMNS, LINES = 120, 50
PATIENCE_S = 60

# Makes standard input, the terminal, the one whose Ctrl-C and end reach the command, and then becomes the command.
# A test run under nohup would otherwise hand on that SIGHUP is to be ignored.
_ATTACH = """
import fcntl, os, signal, sys, termios
signal.signal(signal.SIGHUP, signal.SIG_DFL)
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.argv[1], sys.argv[1:])
"""


@dataclass(kw_only=True)
class Terminal:
    """What is typed, what came, and every screen that was to be seen on the way."""

    process: Any
    descriptor: int
    screen: pyte.Screen
    stream: pyte.ByteStream
    raw: bytearray = field(default_factory=bytearray)
    seen: list[str] = field(default_factory=list)

    def type(self, text: str) -> None:
        os.write(self.descriptor, text.encode())

    def resize(self, columns: int, lines: int = LINES) -> None:
        """Make the window another size, as a person does with the mouse."""
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def until(self, condition: Callable[[], object]) -> None:
        """Read on until *condition* holds."""
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < deadline, f"it never came to that:\n{self.shown}"
            assert self._read(0.05), f"it ended before that:\n{self.shown}"

    def until_shown(self, pattern: str) -> None:
        self.until(lambda: re.search(pattern, self.shown))

    def finished(self) -> Outcome:
        """Read to the end and return the exit code; stdout too if it is no part of the terminal."""
        while self._read(PATIENCE_S):
            pass
        out, _ = self.process.communicate(timeout=PATIENCE_S)
        return Outcome(code=self.process.returncode, out_bytes=out or b"", err_bytes=bytes(self.raw))

    @property
    def shown(self) -> str:
        """The screen as it is."""
        return "\n".join(line.rstrip() for line in self.screen.display).rstrip()

    @property
    def ever_shown(self) -> str:
        """Every screen so far, one after the other."""
        return "\n".join(self.seen)

    def _read(self, patience: float) -> bool:
        """Take what there is within *patience* seconds; return whether more can come."""
        ready, _, _ = select.select([self.descriptor], [], [], patience)
        if not ready:
            return True
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # Linux says EIO when the last one at the other end is gone
            return False
        self.raw += data
        self.stream.feed(data)
        self.seen.append(self.shown)
        return bool(data)


@contextlib.contextmanager
def on_terminal(
    enforcer: Command, *arguments: object, env: Mapping[str, str], stdout: int | None = None, columns: int = COLUMNS
) -> Iterator[Terminal]:
    """Run the command on a terminal of that many *columns*; *stdout* may go elsewhere."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", LINES, columns, 0, 0))
    line = [sys.executable, "-c", _ATTACH, *enforcer.line(*arguments)]
    screen = pyte.Screen(columns, LINES)
    how: dict[str, Any] = {"stdin": theirs, "stderr": theirs, "stdout": theirs if stdout is None else stdout}
    try:
        with enforcer.started(
            args=line, env={"TERM": "xterm-256color"} | dict(env), start_new_session=True, **how
        ) as process:
            os.close(theirs)
            yield Terminal(process=process, descriptor=ours, screen=screen, stream=pyte.ByteStream(screen))
    finally:
        os.close(ours)
