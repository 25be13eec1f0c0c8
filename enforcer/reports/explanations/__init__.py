"""Explanations -> text. FORMATS names the formats; each is one file with ``render(explanations)``."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enforcer.model.explanation import Explanation

FORMATS: Final[dict[str, str]] = {
    "text": "enforcer.reports.explanations.text",
    "json": "enforcer.reports.explanations.json",
}


def render(explanations: "Sequence[Explanation]", form: str) -> str:
    """Return *explanations*, in their order, in the format *form*."""
    rendered: str = importlib.import_module(FORMATS[form]).render(explanations)
    return rendered
