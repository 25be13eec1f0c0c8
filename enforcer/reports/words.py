"""The sentences that the reports for people share, so that they are written once.

Every string returned is harmless plain text (`core.text.visible`). Nothing here knows markup, columns or colour.
"""

from collections import Counter

from enforcer.core.text.visible import visible
from enforcer.errors import ExitCode
from enforcer.model.event import BudgetCount
from enforcer.model.report.override import EndedOverride, OverrideReport
from enforcer.model.report.run import INTERRUPTED, Notice, Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode

PLAN = "plan"
"""The command that never sends."""

_NAME = 64
"""Characters of a name inside a sentence."""

_OVERRIDES = 8
"""Overrides of a kind that are told one by one."""

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


def duration(seconds: float) -> str:
    """Return *seconds* for people: ``0.8 s``, ``12 s``, ``6 min 41 s``, ``2 h 3 min``. Below zero counts as zero."""
    tenths = round(max(seconds, 0.0), 1)
    if tenths < 10:
        return f"{tenths:g} s"
    minutes, rest = divmod(round(tenths), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    if not hours:
        return f"{minutes} min {rest} s" if rest else f"{minutes} min"
    return f"{hours} h {minutes} min" if minutes else f"{hours} h"


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def state(value: State) -> str:
    return value.replace("_", " ")


def state_in(report: Report, value: State) -> str:
    """Return what to call a state in *report*: in a plan, nothing is meant to have been attempted."""
    return "planned" if value is State.NOT_ATTEMPTED and is_only_planned(report) else state(value)


def title(report: Report) -> str:
    return visible(report.policy.name, _NAME)


def header(report: Report, target: TargetReport) -> str:
    """Return ``nightly · prod-eu (eu-west-101) · 47 tasks, 41 eligible``."""
    name = visible(target.name, _NAME)
    place = f"{name} ({visible(target.region, _NAME)})" if target.region and target.region != target.name else name
    parts = [title(report), place, _seen(target)]
    if target.inventory and not target.inventory.stable:
        parts.append("the list changed while it was read")
    if target.inventory and target.inventory.baseline is None:
        parts.append("no baseline")
    if report.only:
        parts.append("only " + ", ".join(visible(pattern, _NAME) for pattern in report.only))
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


def is_refused(report: Report) -> bool:
    codes = {report.exit.code, *(notice.exit_code for notice in report.notices)}
    return ExitCode.REFUSED in codes


def is_only_planned(report: Report) -> bool:
    """Whether the report is about what would change: a plan, or an apply that was refused."""
    return report.command == PLAN or (is_refused(report) and nothing_sent(report))


def is_quiet(report: Report) -> bool:
    """Whether there was nothing to change and nothing else needs saying."""
    return (
        report.totals.planned == 0
        and report.exit.code == ExitCode.OK
        and not report.notices
        and not any(target.withheld for target in report.targets)
        and all(target.inventory and target.inventory.stable for target in report.targets)
    )


def nothing_sent(report: Report) -> bool:
    return all(
        target.requests.put == 0 and not any(task.attempts for task in target.tasks) for target in report.targets
    )


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


def break_glass(report: Report) -> str:
    """Return ``Break-glass: INC-4211. Passed: to_auto: 14 > 10 (max).``, "" if no guard was passed."""
    broken = report.break_glass
    if broken is None:
        return ""
    passed = "; ".join(visible(each, 512) for each in broken.passed)
    return f"Break-glass: {visible(broken.reason, 512)}. Passed: {passed or 'nothing, nothing was in the way'}."


def budgets(report: Report) -> tuple[str, ...]:
    """Return ``Budget to auto: 6 of 10 (max) · 6 of 9 (20% of 47 eligible).`` for each direction with a limit.

    The limits of single instances, whose names are long, are shown once they are used up.
    """
    several = len(report.targets) > 1
    shown = (
        (budget.direction, [each for each in budget.counts if not _is_roomy_instance(each)])
        for budget in report.budgets
    )
    return tuple(
        f"Budget to {direction}: {' · '.join(_count(count, several=several) for count in counts)}."
        for direction, counts in shown
        if counts
    )


def _is_roomy_instance(count: BudgetCount) -> bool:
    return count.limit.endswith("_instance") and count.count < count.allowed


def _count(count: BudgetCount, *, several: bool) -> str:
    target = f"{visible(count.target, _NAME)} " if several and count.target else ""
    return f"{target}{count.count:,} of {count.allowed:,} ({visible(count.note)})"


def overrides(report: Report) -> tuple[str, ...]:
    """Return a line for each override in force, those that end soon first, and for each that has ended since."""
    soonest = sorted(report.overrides.in_force, key=lambda each: each.left_s)
    return (
        *_some(list(map(_in_force, soonest)), "in force"),
        *_some(list(map(_ended, report.overrides.ended)), "ended since the last run"),
    )


def _some(lines: list[str], what: str) -> list[str]:
    hidden = len(lines) - _OVERRIDES
    return [*lines[:_OVERRIDES], f"{hidden:,} more overrides {what}."] if hidden > 0 else lines


def _in_force(each: OverrideReport) -> str:
    what = "leaves alone" if each.mode is PolicyMode.LEAVE else f"holds at {each.mode}"
    soon = ", ends within a day" if each.ends_within_24h else ""
    return (
        f"Override {visible(each.id, _NAME)} {what} {counted(each.tasks, 'task')}, {duration(each.left_s)} left"
        f"{soon}: {_sentence(each.reason)}"
    )


def _ended(each: EndedOverride) -> str:
    how = "expired" if each.ended_by is None else f"was ended by {visible(each.ended_by, _NAME)}"
    changes = counted(len(each.task_ids), "change") if each.task_ids else "no change"
    return (
        f"Override {visible(each.id, _NAME)} ({each.mode}) {how} since the last run, {visible(each.ended_at, 64)}: "
        f"{changes} because of it."
    )


def _sentence(text: str) -> str:
    shown = visible(text, 512)
    return shown if shown.endswith((".", "!", "?", "…")) else f"{shown}."


def pace(report: Report) -> tuple[str, ...]:
    """Return what held the run up: answers that said "slow down", retries, a rate that was not reached."""
    several = len(report.targets) > 1
    return tuple(
        f"On {visible(target.name, _NAME)}: {' '.join(sentences)}" if several else " ".join(sentences)
        for target in report.targets
        if (sentences := _pace(target))
    )


def _pace(target: TargetReport) -> list[str]:
    requests, rate = target.requests, target.rate
    said: list[str] = []
    if requests.throttled:
        limit = f": the gateway's limit is {visible(rate.learned)}" if rate.learned else ""
        answers = "answer was" if requests.throttled == 1 else "answers were"
        said.append(f'{requests.throttled:,} {answers} "slow down"{limit}.')
    if requests.retries:
        said.append(f"{counted(requests.retries, 'request')} sent again.")
    # The rate of a handful of PUTs says more about latency than about pacing.
    asked, reached = rate.asked_per_s, rate.effective_per_s
    if requests.put >= 10 and asked and reached and reached < 0.9 * asked:
        said.append(f"{reached:.3g}/s of the {asked:.3g}/s asked for.")
    return said


def notice(said: Notice) -> str:
    """Return ``refused: to_auto: 14 > 10 (max).``, the target named where the notice is about one."""
    kind = _LABELS.get(said.exit_code, f"exit {said.exit_code}")
    place = f"{visible(said.target)}: " if said.target else ""
    return f"{kind}: {place}{_sentence(said.message)}"


def hint(said: Notice) -> str:
    """Return the hint as it is: it may end in a command, which a full stop would spoil."""
    return visible(said.hint or "", 1024)
