"""Results go to stdout, everything else to stderr. A reader that went away ends the output, never the run."""

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterable
from typing import TextIO

from enforcer.core.text.visible import visible
from enforcer.errors import EnforcerError, PolicyError, RefusedError

_NOBODY_READS = {errno.EPIPE, errno.EBADF, errno.EIO}
"""A reader that went away, a stream that was closed, a terminal that is gone: nobody misses anything."""
_lost: list[OSError] = []
_USUAL = 80


def prepare() -> None:
    """Make the standard streams fit for use; once, before anything else is opened.

    One that was closed before the start leads nowhere from now on, and its descriptor is taken, lest a file that is
    opened later become standard output. What an encoding cannot say is written as an escape.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            from pathlib import Path

            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for life
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def show(text: str) -> None:
    """Print a result, with one newline at its end."""
    _show(text.rstrip("\n") + "\n")


def show_as(form: str, pieces: Iterable[str]) -> None:
    """Print a result in *form*, as a text in *pieces* that ends with a newline.

    What is for people is fitted to the terminal that it goes to, if it goes to one.
    """
    if form == "text":
        show(_fitted("".join(pieces), sys.stdout))
    else:
        for piece in pieces:
            _show(piece)


def lose(failed: OSError) -> bool:
    """Take note that standard output failed click, which writes its help there past this module.

    Returns whether that is what *failed* is about; nothing more is written there then. The same error out of anything
    else is one that nobody expected, and the command is not done.
    """
    if not _is_of_click(failed) or failed.errno not in {*_NOBODY_READS, errno.ENOSPC, errno.EDQUOT}:
        return False
    if failed.errno not in _NOBODY_READS:
        _lost.append(failed)
    _lead_nowhere(sys.stdout)
    return True


def _is_of_click(failed: OSError) -> bool:
    trace = failed.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).startswith("click.")


def lost() -> str | None:
    """Return why results that somebody waits for could not be written, as with a full disk; None: nothing is lost."""
    return _lost[0].strerror if _lost else None


def width() -> int | None:
    """Return how many columns the terminal has that results go to; None if they go to none."""
    return _width(sys.stdout)


def _width(stream: TextIO) -> int | None:
    if not stream.isatty():
        return None
    said = os.environ.get("COLUMNS", "")
    if said.isdecimal() and int(said):
        return int(said)
    try:
        # One that does not know its size, as over a serial line, says 0.
        return os.get_terminal_size(stream.fileno()).columns or _USUAL
    except (OSError, ValueError):
        return _USUAL


def _fitted(text: str, stream: TextIO) -> str:
    columns = _width(stream)
    if columns is None:
        return text
    from enforcer.reports.table import folded

    return "\n".join(folded(text.splitlines(), columns))


def can_say(text: str) -> bool:
    """Return whether standard output has all characters of *text*."""
    try:
        text.encode(sys.stdout.encoding or "ascii")
    except UnicodeEncodeError:
        return False
    return True


def note(text: str) -> None:
    """Print something that is no result, with one newline at its end."""
    _write(sys.stderr, text.rstrip("\n") + "\n")


def note_report(text: str) -> None:
    """Print a report that is no result, fitted to the terminal if it goes to one."""
    note(_fitted(text, sys.stderr))


def rescue(line: str) -> None:
    """Write a line for programs to stderr itself, past a progress display, which would break it."""
    _write(sys.__stderr__ or sys.stderr, line + "\n")


def complain(error: EnforcerError) -> None:
    """Print what *error* says and the next step."""
    if isinstance(error, PolicyError):
        from enforcer.cli.terminal import problems

        note("\n".join(problems.told(error.problems)))
    else:
        kind = "refused" if isinstance(error, RefusedError) else "error"
        note(f"{kind}: {visible(error.message, 1000)}")
    if error.hint:
        note(f"  {visible(error.hint, 1000)}")


def close() -> None:
    """Flush, so that a closed pipe or a terminal that is gone is met here and not by the interpreter's last flush."""
    _show("")
    _write(sys.stderr, "")


def _show(text: str) -> None:
    failed = _write(sys.stdout, text)
    if isinstance(failed, OSError) and failed.errno not in _NOBODY_READS:
        _lost.append(failed)


def _write(stream: TextIO, text: str) -> Exception | None:
    """Write *text* at once; return what kept it from being written, if anything did."""
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError) as failed:
        # A closed pipe or a full disk behind a redirection. The interpreter flushes once more at its end, so the
        # descriptor is pointed at nothing to keep that from failing too.
        _lead_nowhere(stream)
        return failed
    return None


def _lead_nowhere(stream: TextIO) -> None:
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
