"""Findings of a policy -> text. FORMATS names the formats; each is one file with ``render(findings)``."""

import importlib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from enforcer.model.finding import Finding

FORMATS: Final[dict[str, str]] = {
    "text": "enforcer.reports.findings.text",
    "json": "enforcer.reports.findings.json",
    "sarif": "enforcer.reports.findings.sarif",
    "github": "enforcer.reports.findings.github",
}


def render(findings: "Sequence[Finding]", form: str) -> str:
    """Return *findings*, in their order, in the format *form*."""
    rendered: str = importlib.import_module(FORMATS[form]).render(findings)
    return rendered
