"""The report of a run as the journal tells it: its own events, and the runs that it stands beside."""

from dataclasses import replace
from pathlib import Path

from enforcer.cli import wiring
from enforcer.core.summary import fold
from enforcer.model.report import Report


def reported(state_dir: Path, run: str) -> Report:
    """Return the report of *run*, an id or a part of one. Raises UsageError or JournalError."""
    report = fold(wiring.events(state_dir, run))
    return replace(report, trend=wiring.trend(state_dir, report.run_id))
