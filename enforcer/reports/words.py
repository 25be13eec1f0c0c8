"""The sentences that the reports for people share, so that they are written once.

Every string returned is harmless plain text (`core.text.visible`). Nothing here knows markup, columns or colour.
"""

from collections import Counter

from enforcer.core.text.visible import visible
from enforcer.errors import ExitCode
from enforcer.model.report.run import INTERRUPTED, Notice, Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State
from enforcer.model.task import ResumeMode
from enforcer.reports.amounts import counted, duration
from enforcer.reports.kinds import is_only_planned, is_quiet

NAME = 64
"""Characters of a name inside a sentence."""

_LABELS = {code.value: code.label for code in ExitCode} | {ExitCode.OK.value: "warning"}
"""What a notice begins with; one that leaves the exit code as it is warns."""
_OPENINGS: dict[int | None, str] = {
    ExitCode.PARTIAL: "Partly done",
    ExitCode.REFUSED: "Refused",
    ExitCode.ABORTED: "Stopped",
    ExitCode.SIGINT: "Interrupted",
    ExitCode.SIGTERM: "Interrupted",
}
_COUNTED = {
    State.VERIFIED: "changed and read back",
    State.FAILED: "failed",
    State.UNKNOWN: "unknown",
    State.MISMATCH: "read back otherwise",
    State.REVERTED: "set back",
    State.SKIPPED: "skipped",
    State.GONE: "gone",
    State.ACKED: "accepted, not read back",
    State.DEFERRED: "deferred",
    State.NOT_ATTEMPTED: "not attempted",
}
_ALWAYS = {State.VERIFIED, State.FAILED}


def state(value: State) -> str:
    return value.replace("_", " ")


def state_in(report: Report, value: State) -> str:
    """Return what to call a state in *report*: in a plan, nothing is meant to have been attempted."""
    return "planned" if value is State.NOT_ATTEMPTED and is_only_planned(report) else state(value)


def title(report: Report) -> str:
    return visible(report.policy.name, NAME)


def header(report: Report, target: TargetReport) -> str:
    """Return ``nightly · prod-eu (eu-west-101) · 47 tasks, 41 eligible``."""
    name = visible(target.name, NAME)
    place = f"{name} ({visible(target.region, NAME)})" if target.region and target.region != target.name else name
    parts = [title(report), place, _seen(target)]
    if target.inventory and not target.inventory.stable:
        parts.append("the list changed while it was read")
    if target.inventory and target.inventory.baseline is None:
        parts.append("no baseline")
    if report.only:
        parts.append("only " + ", ".join(visible(pattern, NAME) for pattern in report.only))
    if report.shard:
        parts.append(f"shard {visible(report.shard, 16)}")
    return " · ".join(parts)


def run(report: Report) -> str:
    parent = f" It goes back to run {visible(report.parent_run)}." if report.parent_run else ""
    return f"Run {visible(report.run_id)}, started {visible(report.started_at, 64)}.{parent}"


def _seen(target: TargetReport) -> str:
    if target.inventory is None:
        return "not listed"
    return f"{counted(target.totals.listed, 'task')}, {target.totals.eligible:,} eligible"


def outcome(report: Report) -> tuple[str, ...]:
    """Return what happened, or what would, in one line's worth of sentences."""
    if is_quiet(report):
        return ("Nothing to change.",)
    return _to_change(report) if is_only_planned(report) else (opening(report), *_states(report))


def _to_change(report: Report) -> tuple[str, ...]:
    if report.targets and not any(target.inventory for target in report.targets):
        return ()
    wanted = Counter(
        task.desired
        for target in report.targets
        for task in target.tasks
        if task.state not in {State.SKIPPED, State.DEFERRED}
    )
    split = ", ".join(f"{wanted[mode]:,} to {mode}" for mode in (ResumeMode.MANUAL, ResumeMode.AUTO) if wanted[mode])
    waves = max((wave.waves for wave in report.waves), default=0)
    split += f" in {waves} waves" if split and waves > 1 else ""
    total = f"{wanted.total():,} to change"
    aside = ((report.totals.deferred, "deferred"), (report.totals.skipped, "skipped"))
    return (f"{total}: {split}." if split else f"{total}.", *(f"{n:,} {what}." for n, what in aside if n))


def opening(report: Report) -> str:
    """Return how the run ended, and after how long."""
    time, code = duration(report.duration_s), report.exit.code
    if code is None and report.exit.name == INTERRUPTED:
        return f"Interrupted after {time}: the run died."
    if code is None:
        return f"Unfinished after {time}: the run is still under way, or it died."
    if code == ExitCode.OK:
        return f"Done in {time}."
    return f"{_OPENINGS.get(code, 'Ended')} after {time} (exit {code}, {visible(report.exit.name, 32)})."


def _states(report: Report) -> tuple[str, ...]:
    if not report.totals.planned:
        return ("Nothing to change.",) if report.exit.code == ExitCode.OK else ()
    numbers = {of: _number_of(report, of) for of in _COUNTED}
    return tuple(f"{n:,} {_COUNTED[of]}." for of, n in numbers.items() if n or of in _ALWAYS)


def _number_of(report: Report, of: State) -> int:
    number: int = getattr(report.totals, of.value)
    return number


def standing(report: Report) -> tuple[str, ...]:
    """Return what was not to change: ``32 in sync.``, ``6 left alone: 4 not eligible, 2 no rule.``"""
    totals, reasons = report.totals, Counter[str]()
    for target in report.targets:
        for left in target.left:
            reasons[visible(left.reason)] += left.count
    split = ", ".join(f"{count:,} {reason}" for reason, count in reasons.items() if count)
    alone = f"{totals.left:,} left alone: {split}." if split else f"{totals.left:,} left alone."
    return (*([f"{totals.in_sync:,} in sync."] if totals.listed else []), *([alone] if totals.left else []))


def notice(said: Notice) -> str:
    """Return ``refused: to_auto: 14 > 10 (max).``, the target named where the notice is about one."""
    kind = _LABELS.get(said.exit_code, f"exit {said.exit_code}")
    place = f"{visible(said.target)}: " if said.target else ""
    return f"{kind}: {place}{sentence(said.message)}"


def hint(said: Notice) -> str:
    """Return the hint as it is: it may end in a command, which a full stop would spoil."""
    return visible(said.hint or "", 1024)


def sentence(text: str) -> str:
    """Return *text*, made harmless, with a full stop at its end if it has none."""
    shown = visible(text, 512)
    return shown if shown.endswith((".", "!", "?", "…")) else f"{shown}."
