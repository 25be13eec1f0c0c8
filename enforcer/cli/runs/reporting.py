"""The report of a run as the journal tells it: its own events, and the runs that it stands beside."""

from msgspec.structs import replace

from enforcer.cli.state import Home
from enforcer.cli.wiring import recorded_runs
from enforcer.core.fold import notices
from enforcer.core.fold.summary import fold
from enforcer.model.report.run import Report


def reported(home: Home, run: str) -> Report:
    """Return the report of *run*, an id or a part of one. Raises UsageError or JournalError."""
    return beside_others(home, fold(recorded_runs.events(home, run)))


def beside_others(home: Home, report: Report) -> Report:
    """Return *report* with what its own events do not say: what its record lacks, and the runs before it.

    Raises JournalError.
    """
    missing = recorded_runs.shortfall(home, report.run_id)
    told = () if missing is None else (notices.short(missing),)
    return replace(report, trend=recorded_runs.trend(home, report.run_id), notices=(*told, *report.notices))
