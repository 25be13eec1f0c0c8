"""The waves of a rollout, one row each: its gate, and what that saw. Plain harmless text, like `words`."""

from collections.abc import Iterator

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.wave import WaveReport, WaveState
from enforcer.reports.amounts import counted, duration
from enforcer.reports.kinds import is_only_planned

_GATE = {
    WaveState.PLANNED: "did not begin",
    WaveState.BEGUN: "not judged",
    WaveState.PASSED: "passed",
    WaveState.FAILED: "failed",
}


def shown(report: Report, target: str) -> list[WaveReport]:
    """Return the waves of *target* to show: none where nothing was meant to be sent, or no gate had a say."""
    waves = [wave for wave in report.waves if wave.target == target]
    return [] if is_only_planned(report) or all(wave.state is WaveState.PLANNED for wave in waves) else waves


def gate(wave: WaveReport) -> str:
    """Return what became of *wave*, as its gate judged it."""
    return _GATE[wave.state]


def cells(wave: WaveReport) -> tuple[str, ...]:
    """Return which wave it is, how many changes it has, what became of it, and why."""
    return (
        f"wave {wave.wave} of {wave.waves}",
        counted(wave.changes, "change"),
        gate(wave),
        "; ".join(_saw(wave)),
    )


def _saw(wave: WaveReport) -> Iterator[str]:
    if wave.watched_s is not None:
        yield f"watched {duration(wave.watched_s)}"
    yield from (visible(reason) for reason in wave.reasons)
    if wave.state is WaveState.PASSED:
        yield ", ".join(_tolerated(wave)) or "nothing amiss"
    if wave.recalled:
        yield f"{counted(wave.recalled, 'change')} to be set back"


def _tolerated(wave: WaveReport) -> Iterator[str]:
    """Yield what the gate let pass though it was not well."""
    for number, noun, what in (
        (wave.full_sync, "task", "moved into a full sync"),
        (wave.failed, "task", "failed"),
        (wave.unreadable, "task", "without a status"),
        (wave.call_errors, "request", "failed"),
    ):
        if number:
            yield f"{counted(number, noun)} {what}"
