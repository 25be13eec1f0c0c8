"""The impact of an edit -> text. FORMATS names the formats; each is one file with ``render(impact)``."""

import importlib
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enforcer.model.impact import Impact

FORMATS: Final[dict[str, str]] = {
    "text": "enforcer.reports.impact.text",
    "json": "enforcer.reports.impact.json",
    "markdown": "enforcer.reports.impact.markdown",
}


def render(impact: "Impact", form: str) -> str:
    """Return *impact* in the format *form*."""
    rendered: str = importlib.import_module(FORMATS[form]).render(impact)
    return rendered
