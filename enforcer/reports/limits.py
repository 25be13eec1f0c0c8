"""The sentences on what a run was held to: overrides, budgets, guards that were passed, its pace.

Every string returned is harmless plain text, as those of `words` are.
"""

from enforcer.core.text.visible import visible
from enforcer.model.event import BudgetCount
from enforcer.model.report.override import EndedOverride, OverrideReport
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.rule import PolicyMode
from enforcer.reports.amounts import counted, duration
from enforcer.reports.words import NAME, sentence

_OVERRIDES = 8
"""Overrides of a kind that are told one by one."""


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
    target = f"{visible(count.target, NAME)} " if several and count.target else ""
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
        f"Override {visible(each.id, NAME)} {what} {counted(each.tasks, 'task')}, {duration(each.left_s)} left"
        f"{soon}: {sentence(each.reason)}"
    )


def _ended(each: EndedOverride) -> str:
    how = "expired" if each.ended_by is None else f"was ended by {visible(each.ended_by, NAME)}"
    changes = counted(len(each.task_ids), "change") if each.task_ids else "no change"
    return (
        f"Override {visible(each.id, NAME)} ({each.mode}) {how} since the last run, {visible(each.ended_at, 64)}: "
        f"{changes} because of it."
    )


def pace(report: Report) -> tuple[str, ...]:
    """Return what held the run up: answers that said "slow down", retries, a rate that was not reached."""
    several = len(report.targets) > 1
    return tuple(
        f"On {visible(target.name, NAME)}: {' '.join(sentences)}" if several else " ".join(sentences)
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
