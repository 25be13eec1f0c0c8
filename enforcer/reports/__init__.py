"""Report -> text. One file per format, each with ``render(report) -> str``; FORMATS names them.

Formats know nothing of runs, journals and terminals: what they print follows from the Report alone.
"""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from enforcer.model.report.run import Report


def _from(module: str) -> "Callable[[Report], str]":
    """Return the module's ``render``, imported at its first use: the command line reads only the names."""

    def render(report: "Report") -> str:
        text: str = import_module(f"{__name__}.{module}").render(report)
        return text

    return render


FORMATS: "dict[str, Callable[[Report], str]]" = {
    "text": _from("text"),
    "json": _from("json"),
    "markdown": _from("markdown"),
    "html": _from("html"),
    "junit": _from("junit"),
    "github": _from("github"),
    "prometheus": _from("prometheus"),
}


def render(report: "Report", name: str) -> str:
    """Return *report* in the format *name*, a key of FORMATS. The text ends with a newline."""
    return FORMATS[name](report)
