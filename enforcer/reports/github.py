"""The report for the summary page of a GitHub Actions step: ``… >> "$GITHUB_STEP_SUMMARY"``.

The Markdown of `markdown`, opened by a callout in the colour of the outcome, with room for far more rows.
"""

from collections.abc import Iterator

from enforcer.errors import ExitCode
from enforcer.model.report.run import Report
from enforcer.reports import markdown

ROOM = 1_000_000
"""Bytes: a step's summary may have 1 MiB, and one that is larger is not shown at all."""
MOST = 1000
"""Rows of a kind; nobody reads more in a summary."""

_CALLOUTS: dict[int | None, str] = {ExitCode.OK: "NOTE", ExitCode.DRIFT: "NOTE", ExitCode.PARTIAL: "WARNING"}
"""By exit code; every other end, and none, is a CAUTION."""


def pieces(report: Report) -> Iterator[str]:
    yield markdown.fitted(lambda most: _document(report, most), ROOM, MOST)


def _document(report: Report, most: int) -> str:
    callout = f"> [!{_CALLOUTS.get(report.exit.code, 'CAUTION')}]\n> {markdown.summary(report)}"
    return markdown.document([markdown.heading(report), callout, *markdown.body(report, most)])
