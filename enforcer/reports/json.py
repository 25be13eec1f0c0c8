"""The report for machines: the contract of docs/report.md and docs/report.schema.json, field for field.

Data stays whole: what could act on a terminal is escaped the JSON way and reads back as it was.
"""

from enforcer.model.report.run import Report
from enforcer.reports.encoding import json_text


def render(report: Report) -> str:
    return json_text(report)
