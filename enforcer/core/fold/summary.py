"""What a run's events come to: the report.

Pure: whoever folds the same events reads the same report, during the run or a year later.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from enforcer.core.fold import notices
from enforcer.core.fold.run_tally import RunTally
from enforcer.core.fold.target_tally import TargetTally
from enforcer.errors import EnforcerError
from enforcer.model.event import Entry, RunStarted
from enforcer.model.report.run import Exit, Report

_NO_BEGINNING = f"a run begins with {RunStarted.kind}"


class Summary:
    """What the events of one run come to so far, of which it keeps no more than the report needs.

    Any beginning of a run will do: the totals add up at every point, given that a target's ChangePlanned come before
    its PlanBuilt. An event that does not belong (an unplanned change, an unknown target) becomes a notice of exit
    code 70. Lists and shows that failed for good are not counted among the requests, since no event tells of them.
    """

    def __init__(self) -> None:
        self._run: RunTally | None = None

    @property
    def has_begun(self) -> bool:
        """Whether there was an event."""
        return self._run is not None

    def take(self, entries: Iterable[Entry]) -> None:
        """Take the next events of the run; raise ValueError if the first is no RunStarted."""
        for entry in entries:
            if self._run is None:
                self._run = _begun(entry)
            else:
                self._run.take(entry)

    def report(self) -> Report:
        """Return the report up to here; raise ValueError without a RunStarted."""
        if self._run is None:
            raise ValueError(_NO_BEGINNING)
        return self._run.report()


def fold(entries: Iterable[Entry]) -> Report:
    """Return the report of the run that *entries* tell of, up to where they end; raise ValueError as `Summary` does."""
    summary = Summary()
    summary.take(entries)
    return summary.report()


def unrecorded(report: Report, broken: EnforcerError) -> Report:
    """Return *report*, of a run that the journal does not have to its end because of *broken*, saying so."""
    others = (each for each in report.notices if each.message != broken.message)
    return replace(
        report,
        exit=Exit(code=int(broken.exit_code), name=broken.exit_code.label),
        notices=(notices.unrecorded(broken), *others),
    )


def _begun(first: Entry) -> RunTally:
    match first.event:
        case RunStarted(targets=targets) as started:
            tallies = {ref.name: TargetTally(ref=ref) for ref in targets}
            return RunTally(started=started, started_at=first.at, last_at=first.at, targets=tallies)
    raise ValueError(_NO_BEGINNING)
