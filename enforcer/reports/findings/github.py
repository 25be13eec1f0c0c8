"""Workflow commands of GitHub Actions, which show each finding at its line of a pull request."""

from collections.abc import Sequence

from enforcer.core.text.visible import visible
from enforcer.model.finding import Finding, Severity

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}


def render(findings: Sequence[Finding]) -> str:
    return "\n".join(map(_command, findings))


def _command(finding: Finding) -> str:
    origin = finding.origin
    properties = {
        "file": origin.file,
        "line": str(origin.line),
        "col": str(origin.column),
        "title": f"{finding.code.name} {finding.code.title}",
    }
    told = ",".join(f"{name}={_escaped(value, also=':,')}" for name, value in properties.items())
    said = f"{finding.message}. {finding.hint}" if finding.hint else finding.message
    return f"::{_COMMANDS[finding.code.severity]} {told}::{_escaped(said)}"


def _escaped(text: str, *, also: str = "") -> str:
    """Return *text* with what ends a value written as the runner reads it back (actions/toolkit, ``command.ts``)."""
    return "".join(f"%{ord(char):02X}" if char in "%\r\n" + also else char for char in visible(text, 1000))
