"""An apply from its first event to its written report, whatever ends it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from enforcer.cli import conducting, progress, prompt, running, screen, state, wiring
from enforcer.cli.conducting import Errand
from enforcer.cli.locking import Locking
from enforcer.cli.progress import Display
from enforcer.core.summary import fold
from enforcer.errors import EnforcerError, ExitCode, JournalError
from enforcer.model.event import RunStopped
from enforcer.model.plan import Plan
from enforcer.model.report import Report
from enforcer.model.task import ResumeMode
from enforcer.ports import Sink
from enforcer.reports import render
from enforcer.run.enforce import enforce
from enforcer.run.recording import Memory, Recorder
from enforcer.run.settle import Past
from enforcer.run.site import Conduct, Site
from enforcer.run.stopping import Stop

WRITTEN = {"report.json": "json", "report.md": "markdown", "report.html": "html", "report.xml": "junit"}
"""The files of a run's folder and their formats."""

Confirm = Callable[[Sequence[Plan], Stop], Awaitable[bool]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What came of an apply."""

    code: ExitCode
    report: Report
    error: Exception | None = None
    """What is to be raised once the report is out: a broken journal, or a bug."""
    is_recorded: bool = True
    """Whether the journal has the whole run."""


def apply(errand: Errand, state_dir: Path, sink: Sink, *, lock_timeout_s: float, asks: bool, colors: bool) -> Outcome:
    """Carry out *errand* under its locks and return what came of it, as the journal has it.

    Raises JournalError if there is no journal to begin with, and BusyError if others hold a lock for longer than
    *lock_timeout_s* seconds; then nothing is recorded.
    """
    memory = Memory()
    bug: Exception | None = None
    with progress.display(colors=colors) as display:
        journal = wiring.journal(state_dir)
        recorder = Recorder(journal, (memory, display, sink), conducting.wall_clock)
        confirm = _asking(memory, display) if asks else _yes
        try:
            with Locking(state_dir, lock_timeout_s) as locking, journal:
                past = Past(errand.run_id, wiring.records(state_dir), conducting.wall_clock)
                bug = _conduct(errand, recorder, locking, past, confirm)
                code = conducting.finish(recorder, memory.entries)
        except JournalError as broken:
            return Outcome(code=broken.exit_code, report=fold(memory.entries), error=broken, is_recorded=False)
    return Outcome(code=code, report=fold(wiring.events(state_dir, errand.run_id)), error=bug)


def write_reports(report: Report, folder: Path) -> None:
    """Write the reports into *folder*, each whole or not at all; raise JournalError if that fails."""
    for name, form in WRITTEN.items():
        state.write_whole(folder / name, render(report, form))


def _conduct(errand: Errand, recorder: Recorder, locking: Locking, past: Past, confirm: Confirm) -> Exception | None:
    """Run to the end and return the bug that ended it, if one did; a broken journal is raised."""

    async def work(sites: Sequence[Site], conduct: Conduct) -> None:
        await enforce(sites, errand.wish(), conduct, past=past, confirm=lambda plans: confirm(plans, conduct.stop))

    try:
        running.run(lambda stop: conducting.carry_out(errand, recorder, stop, work, locking=locking))
    except EnforcerError:
        raise
    except Exception as bug:  # noqa: BLE001 - shown once the journal is closed and the report is written
        recorder.emit(RunStopped(exit_code=ExitCode.SOFTWARE, message=f"a bug in enforcer: {type(bug).__name__}"))
        return bug
    return None


async def _yes(_plans: Sequence[Plan], _stop: Stop) -> bool:
    return True


def _asking(memory: Memory, display: Display) -> Confirm:
    """Return a question to the person at the terminal, asked below the whole plan."""

    async def confirm(plans: Sequence[Plan], stop: Stop) -> bool:
        display.pause()
        screen.note(render(replace(fold(memory.entries), command="plan"), "text"))
        agreed = await prompt.agree(_question(plans), stop)
        display.resume()
        return agreed

    return confirm


def _question(plans: Sequence[Plan]) -> str:
    desired = [change.desired for plan in plans for change in plan.changes if change.obstacle is None]
    split = ", ".join(
        f"{desired.count(mode)} to {mode}" for mode in (ResumeMode.MANUAL, ResumeMode.AUTO) if mode in desired
    )
    return f"Apply {len(desired)} changes ({split}) to {', '.join(plan.target for plan in plans)} now?"
