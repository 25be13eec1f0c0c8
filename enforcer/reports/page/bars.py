"""Totals as pictures: bars, and where their parts begin and end. Knows no colour and no markup."""

from collections.abc import Iterable

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.event import BudgetCount
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State
from enforcer.reports import rows, waves, words
from enforcer.reports.amounts import counted
from enforcer.reports.kinds import is_only_planned


class Part(Struct, frozen=True, kw_only=True):
    kind: str
    label: str
    count: int
    x: float
    """Where it begins and how wide it is, in per cent of the whole."""
    width: float


class Bar(Struct, frozen=True, kw_only=True):
    """A total as a bar of its parts."""

    title: str
    parts: tuple[Part, ...]


def of_tasks(report: Report) -> Bar:
    totals = report.totals
    title = f"{counted(totals.listed, 'task')}, {totals.eligible:,} eligible"
    counts = (
        ("sync", "in sync", totals.in_sync),
        ("left", "left alone", totals.left),
        ("change", "to change", totals.planned),
    )
    return _bar(title, counts)


def of_changes(report: Report) -> Bar:
    # The changes of a plan share one state, of which a picture says nothing.
    states = [] if is_only_planned(report) else sorted(State, key=rows.RANK.__getitem__)
    counts = ((state.value, words.state(state), count(report, state)) for state in states)
    return _bar(counted(report.totals.planned, "change"), counts)


def of_waves(report: Report, target: TargetReport) -> Bar:
    found = waves.shown(report, target.name)
    counts = ((wave.state.value, f"in wave {wave.wave}, {waves.gate(wave)}", wave.changes) for wave in found)
    return _bar(f"{visible(target.name)}, {counted(len(found), 'wave')} of changes to auto", counts)


def _bar(title: str, counts: Iterable[tuple[str, str, int]]) -> Bar:
    present = [(kind, label, count) for kind, label, count in counts if count]
    scale = 100 / max(1, sum(count for _, _, count in present))
    parts: list[Part] = []
    so_far = 0
    for kind, label, count in present:
        x, width = round(scale * so_far, 3), round(scale * count, 3)
        parts.append(Part(kind=kind, label=label, count=count, x=x, width=width))
        so_far += count
    return Bar(title=title, parts=tuple(parts))


def share(limit: BudgetCount) -> float:
    """Return how much of *limit* is used, in per cent; more than all of it is all of it."""
    return round(100 * min(1.0, limit.count / limit.allowed), 3) if limit.allowed else 100.0 * bool(limit.count)


def count(of: Report | TargetReport, state: State) -> int:
    number: int = getattr(of.totals, state.value)
    return number
