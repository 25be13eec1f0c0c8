"""An array of objects, one a finding."""

from collections.abc import Sequence
from typing import Any

from enforcer.model.finding import Finding
from enforcer.reports.encoding import json_text


def render(findings: Sequence[Finding]) -> str:
    return json_text([_row(finding) for finding in findings])


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "code": finding.code.name,
        "severity": finding.code.severity,
        "title": finding.code.title,
        "file": finding.origin.file,
        "line": finding.origin.line,
        "column": finding.origin.column,
        "rule": finding.rule,
        "message": finding.message,
        "hint": finding.hint,
    }
