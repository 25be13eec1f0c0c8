"""Results go to stdout, everything else to stderr. A reader that went away ends the output, never the run."""

import contextlib
import os
import sys
from typing import TextIO

from enforcer.core.visible import visible
from enforcer.errors import EnforcerError, PolicyError


def show(text: str) -> None:
    """Print a result, with one newline at its end."""
    _write(sys.stdout, text.rstrip("\n") + "\n")


def note(text: str) -> None:
    """Print something that is no result, with one newline at its end."""
    _write(sys.stderr, text.rstrip("\n") + "\n")


def complain(error: EnforcerError) -> None:
    """Print what *error* says and the next step."""
    if isinstance(error, PolicyError):
        note("\n".join(visible(str(problem), 1000) for problem in error.problems))
    else:
        note(f"error: {visible(error.message, 1000)}")
    if error.hint:
        note(f"  {visible(error.hint, 1000)}")


def close() -> None:
    """Flush stdout, so that a closed pipe is met here and not by the interpreter's own last flush."""
    _write(sys.stdout, "")


def _write(stream: TextIO, text: str) -> None:
    try:
        stream.write(text)
        stream.flush()
    except (OSError, ValueError):
        # A closed pipe or a full disk behind a redirection. The interpreter flushes once more at its end, so the
        # descriptor is pointed at nothing to keep that from failing too.
        with contextlib.suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)
