"""Whether a report adds up, and the exit code that it deserves."""

from collections.abc import Collection, Iterable

from enforcer.errors import ExitCode
from enforcer.model.report.run import Report
from enforcer.model.report.target import Totals, in_all
from enforcer.model.report.task import State

GONE_SHARE = 0.05
"""One task may go while a run is under way. If more than that are gone, somebody should look."""

_FIRST_OF = (
    *(ExitCode.IO, ExitCode.SOFTWARE, ExitCode.DENIED, ExitCode.PROTOCOL),
    *(ExitCode.ABORTED, ExitCode.SIGTERM, ExitCode.SIGINT, ExitCode.REFUSED),
)
# Waiting does not mend a wrong setting, so it goes before a network that may be back tomorrow.
_IF_NOTHING_LISTED = (ExitCode.CONFIG, ExitCode.UNAVAILABLE)


def discrepancies(report: Report) -> tuple[str, ...]:
    """Return one sentence for each sum that does not come out, so () means that it adds up."""
    found = [sentence for target in report.targets for sentence in _wrong_sums(target.name, target.totals)]
    if report.totals != in_all(target.totals for target in report.targets):
        found.append("The totals of the run are not the sums of its targets' totals.")
    return tuple(found)


def verdict(report: Report) -> ExitCode:
    """
    Return the exit code that *report* deserves; its own `exit` does not matter.

    Of several that hold: 74, 70, 77, 76, 5, 143, 130, 4; then 78 and 69, in this order, if no target could be listed;
    then 3; then 0. A plan's changes are not meant to be attempted, and its list may be unstable, without harm.
    """
    codes = {notice.exit_code for notice in report.notices}
    if discrepancies(report):
        codes.add(ExitCode.SOFTWARE)
    is_listed = any(target.inventory is not None for target in report.targets)
    for code in _FIRST_OF if is_listed else (*_FIRST_OF, *_IF_NOTHING_LISTED):
        if code in codes:
            return code
    return ExitCode.PARTIAL if codes - {ExitCode.OK} or _is_partial(report) else ExitCode.OK


def gravest(codes: Collection[int]) -> ExitCode:
    """Return the one of *codes* that counts where several hold and none can be got round; OK if there is none."""
    return next((code for code in (*_FIRST_OF, *_IF_NOTHING_LISTED) if code in codes), ExitCode.OK)


def _wrong_sums(name: str, totals: Totals) -> Iterable[str]:
    states: int = sum(getattr(totals, state.value) for state in State)
    if totals.planned != states:
        yield f"{name}: {totals.planned} changes are planned, but the states of {states} are recorded."
    placed = totals.in_sync + totals.left + totals.planned
    if totals.listed != placed:
        yield f"{name}: {totals.listed} tasks are listed, but {placed} are in sync, left alone or planned."


def _is_partial(report: Report) -> bool:
    """Whether something is not as decided, though nothing stopped the run."""
    totals = report.totals
    unsettled = totals.failed + totals.unknown + totals.mismatch + totals.acked + totals.skipped + totals.deferred
    unsettled += totals.reverted
    if report.command == "plan":
        return unsettled > 0
    too_many_gone = totals.gone > GONE_SHARE * totals.planned
    return (
        unsettled + totals.not_attempted > 0
        or too_many_gone
        or any(target.inventory is not None and not target.inventory.stable for target in report.targets)
    )
