"""An apply from its first event to its written report, whatever ends it."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from enforcer.cli import state
from enforcer.cli.runs import conducting
from enforcer.cli.runs.asking import Question
from enforcer.cli.runs.conducting import Work
from enforcer.cli.runs.errands import Errand, Terms
from enforcer.cli.runs.locking import Locking
from enforcer.cli.runs.reporting import beside_others
from enforcer.cli.state import Home
from enforcer.cli.terminal import progress, running, screen, signals
from enforcer.cli.terminal.progress import Log
from enforcer.cli.wiring import recorded_runs
from enforcer.core.fold.summary import Summary, unrecorded
from enforcer.errors import EnforcerError, ExitCode, JournalError
from enforcer.model.event import HistoryPruned, PruningFailed, RunStopped
from enforcer.model.history import DAY_S
from enforcer.model.plan import Plan
from enforcer.model.report.run import Report
from enforcer.reports import pieces
from enforcer.reports.prometheus import render_after
from enforcer.run.recording import Recorder
from enforcer.run.settle import Past
from enforcer.run.site import Conduct, Site
from enforcer.run.stopping import Stop

WRITTEN = {
    "report.json": "json",
    "report.md": "markdown",
    "report.html": "html",
    "report.xml": "junit",
    "metrics.prom": "prometheus",
}
"""The files of a run's folder and their formats."""

Confirm = Callable[[Sequence[Plan], Stop], Awaitable[bool]]


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of an apply."""

    code: ExitCode
    report: Report
    error: Exception | None = None
    """What is to be raised once the report is shown: a broken journal, reports that could not be written, or a bug."""
    is_declined: bool = False
    """Whether a person at the prompt, who had seen the plan, said no."""
    is_recorded: bool = True
    """Whether the journal has the whole run."""
    written_to: Path | None = None
    """Where the reports are, if they are anywhere."""


def apply(
    errand: Errand,
    terms: Terms,
    sink: Log,
    *,
    report_dir: Path,
    metrics_file: Path | None = None,
    asks: bool,
    colors: bool,
) -> Outcome:
    """Carry out *errand* under its locks, write its reports into *report_dir*, and return what came of it.

    *metrics_file* gets its metrics, with the last success of the policy, whichever run that was.

    The report is made of the events as they were recorded, so it says what the journal has; if that has not the whole
    run, the report says so. Signals are heard while the run goes on, and before and after it held back, so that nothing
    that has been done stays without its record.

    Raises JournalError if there is no journal or no lock to begin with, and BusyError if others hold a lock for too
    long; then nothing is recorded.
    """
    with signals.held_back():
        outcome = _recorded(errand, terms, sink, asks=asks, colors=colors)
        try:
            _write_reports(outcome.report, report_dir)
            if metrics_file is not None:
                last_success = recorded_runs.last_success(terms.home, outcome.report.policy.name, outcome.report.shard)
                # What collects them is another user.
                state.write_whole(
                    metrics_file, [render_after(outcome.report, last_success)], what="metrics", mode=0o644
                )
        except JournalError as unwritten:
            return replace(outcome, error=outcome.error or unwritten)
        return replace(outcome, written_to=report_dir)


def _recorded(errand: Errand, terms: Terms, sink: Log, *, asks: bool, colors: bool) -> Outcome:
    account = Summary()
    bug: Exception | None = None
    with progress.display(sink, colors=colors) as display:
        journal = recorded_runs.journal(terms.home, screen.rescue, any_file_system=terms.any_file_system)
        recorder = Recorder(journal, (account, display, sink), conducting.wall_clock)
        question = Question(recorder, account, display) if asks else None
        confirm = _yes if question is None else question.ask
        try:
            with Locking(terms.home, terms.lock_timeout_s, terms.plea) as locking, journal:
                past = Past(errand.run_id, recorded_runs.records(terms.home), conducting.wall_clock)
                bug = _conduct(errand, recorder, locking, terms.drain_s, _work(errand, past, confirm))
                _prune(errand, terms.home, recorder)
                code = conducting.finish(recorder, account)
        except JournalError as broken:
            recorder.pass_on()
            if not account.has_begun:
                raise
            known = unrecorded(account.report(), broken)
            return Outcome(code=broken.exit_code, report=known, error=broken, is_recorded=False)
    report = beside_others(terms.home, account.report())
    is_declined = question is not None and question.is_declined
    return Outcome(code=code, report=report, error=bug, is_declined=is_declined)


def _prune(errand: Errand, home: Home, recorder: Recorder) -> None:
    """Delete the records and reports that the policy keeps no longer; that it fails is recorded, and harms no run."""
    if errand.keep_days is None:
        return
    try:
        pruned = recorded_runs.prune(home, errand.policy.name, errand.began_at - errand.keep_days * DAY_S)
    except JournalError as broken:
        recorder.emit(PruningFailed(message=broken.message))
        return
    for run_id in pruned:
        state.forget(home.run_folder(run_id), WRITTEN)
    if pruned:
        recorder.emit(HistoryPruned(runs=len(pruned), keep_days=errand.keep_days))


def _write_reports(report: Report, folder: Path) -> None:
    """Write the reports into *folder*, each whole or not at all; raise JournalError if one of them cannot be."""
    failed = []
    for name, form in WRITTEN.items():
        try:
            state.write_whole(folder / name, pieces(report, form))
        except JournalError as unwritten:
            failed.append(unwritten)
    if failed:
        raise failed[0]


def _conduct(errand: Errand, recorder: Recorder, locking: Locking, drain_s: float, work: Work) -> Exception | None:
    """Run to the end and return the bug that ended it, if one did."""
    try:
        running.run(lambda stop: conducting.carry_out(errand, recorder, stop, work, locking=locking), drain_s=drain_s)
    except EnforcerError:
        raise
    except Exception as bug:  # noqa: BLE001 - shown once the journal is closed and the report is written
        recorder.emit(RunStopped(exit_code=ExitCode.SOFTWARE, message=f"a bug in enforcer: {type(bug).__name__}"))
        return bug
    return None


def _work(errand: Errand, past: Past, confirm: Confirm) -> Work:
    async def work(sites: Sequence[Site], conduct: Conduct) -> None:
        async def agree(plans: Sequence[Plan]) -> bool:
            is_agreed = await confirm(plans, conduct.stop)
            if is_agreed:
                errand.agreed()
            return is_agreed

        await errand.enforce(sites, errand.wish(), conduct, past=past, confirm=agree)

    return work


async def _yes(_plans: Sequence[Plan], _stop: Stop) -> bool:
    return True
