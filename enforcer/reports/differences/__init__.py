"""A difference between two runs -> text. FORMATS names the formats; each is one file with ``render(difference)``."""

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enforcer.model.difference import Difference

FORMATS: Final[dict[str, str]] = {
    "text": "enforcer.reports.differences.text",
    "json": "enforcer.reports.differences.json",
}


def render(difference: "Difference", form: str) -> str:
    """Return *difference* in the format *form*."""
    rendered: str = importlib.import_module(FORMATS[form]).render(difference)
    return rendered
