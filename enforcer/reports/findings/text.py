"""A line a finding, as compilers write them, and below it what to do; of many of a kind the first and a count."""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from enforcer.core.text.visible import visible
from enforcer.model.finding import CODES, Code, Finding

OF_A_KIND: Final = 10
"""Findings of one code that are shown: they are mended in the same way, and those of other codes stay in sight."""


def render(findings: Sequence[Finding]) -> str:
    return "\n".join(_told(findings))


def _told(findings: Sequence[Finding]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for finding in findings:
        seen[finding.code.name] += 1
        if seen[finding.code.name] <= OF_A_KIND:
            yield from _lines(finding)
    for code in CODES.values():
        if seen[code.name] > OF_A_KIND:
            yield _rest(code, seen[code.name] - OF_A_KIND)


def _lines(finding: Finding) -> Iterator[str]:
    origin = finding.origin
    yield visible(
        f"{origin.file}:{origin.line}:{origin.column}: {finding.code.severity} {finding.code.name}: {finding.message}",
        1000,
    )
    if finding.hint:
        yield f"  {visible(finding.hint, 1000)}"


def _rest(code: Code, number: int) -> str:
    return f"... and {number:,} more like this: {code.severity} {code.name}, {code.title}; --format json lists all"
