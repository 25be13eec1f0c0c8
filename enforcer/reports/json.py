"""The report for machines: the contract of docs/report.md and docs/report.schema.json, field for field.

Data stays whole: what could act on a terminal is escaped the JSON way and reads back as it was.
"""

from collections.abc import Iterator
from typing import Final

from enforcer.model.report.run import Report
from enforcer.reports.encoding import json_pieces

_DEPTH: Final = 3
"""The report, its targets, and the lists of each."""


def pieces(report: Report) -> Iterator[str]:
    return json_pieces(report, depth=_DEPTH)
