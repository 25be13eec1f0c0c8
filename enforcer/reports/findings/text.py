"""A line a finding, as compilers write them, and below it what to do."""

from collections.abc import Iterator, Sequence

from enforcer.core.visible import visible
from enforcer.model.finding import Finding


def render(findings: Sequence[Finding]) -> str:
    return "\n".join(line for finding in findings for line in _lines(finding))


def _lines(finding: Finding) -> Iterator[str]:
    origin = finding.origin
    yield visible(
        f"{origin.file}:{origin.line}:{origin.column}: {finding.code.severity} {finding.code.name}: {finding.message}",
        1000,
    )
    if finding.hint:
        yield f"  {visible(finding.hint, 1000)}"
