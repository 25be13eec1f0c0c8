"""SARIF 2.1.0 (OASIS), which code scanners and editors read."""

from collections.abc import Sequence
from pathlib import PurePath
from typing import Any
from urllib.parse import quote

from enforcer import __version__
from enforcer.core.text.visible import visible
from enforcer.model.finding import CODES, Code, Finding
from enforcer.reports.encoding import json_text


def render(findings: Sequence[Finding]) -> str:
    driver = {"name": "enforcer", "version": __version__, "rules": [_rule(code) for code in CODES.values()]}
    document = {
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{"tool": {"driver": driver}, "results": [_result(finding) for finding in findings]}],
    }
    return json_text(document)


def _rule(code: Code) -> dict[str, Any]:
    return {
        "id": code.name,
        "shortDescription": {"text": code.title},
        "defaultConfiguration": {"level": code.severity},
    }


def _result(finding: Finding) -> dict[str, Any]:
    origin = finding.origin
    said = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    return {
        "ruleId": finding.code.name,
        "ruleIndex": list(CODES).index(finding.code.name),
        "level": finding.code.severity,
        "message": {"text": visible(said, 1000)},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(PurePath(origin.file).as_posix())},
                    "region": {"startLine": origin.line, "startColumn": origin.column},
                }
            }
        ],
    }
