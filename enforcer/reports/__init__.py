"""Report -> text. One file per format, each with ``pieces(report) -> Iterator[str]``; FORMATS names them.

A report has a row for each change, of which there may be very many: a text is made while it is written, piece by piece.
Formats know nothing of runs, journals and terminals: what they print follows from the Report alone.
"""

from collections.abc import Callable, Iterator
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enforcer.model.report.run import Report


def _from(module: str) -> "Callable[[Report], Iterator[str]]":
    """Return the module's ``pieces``, imported at its first use: the command line reads only the names."""

    def pieces(report: "Report") -> Iterator[str]:
        made: Iterator[str] = import_module(f"{__name__}.{module}").pieces(report)
        return made

    return pieces


FORMATS: "dict[str, Callable[[Report], Iterator[str]]]" = {
    "text": _from("text"),
    "json": _from("json"),
    "markdown": _from("markdown"),
    "html": _from("html"),
    "junit": _from("junit"),
    "github": _from("github"),
    "prometheus": _from("prometheus"),
}


def pieces(report: "Report", name: str) -> Iterator[str]:
    """Yield the pieces of *report* in the format *name*, a key of FORMATS. The text ends with a newline."""
    return FORMATS[name](report)


def render(report: "Report", name: str) -> str:
    """Return *report* in the format *name* whole."""
    return "".join(pieces(report, name))
