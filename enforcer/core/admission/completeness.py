"""Whether the list of a target's tasks can be the whole: an empty or short one looks as if all were well."""

from collections.abc import Iterator, Sequence

from msgspec import Struct

from enforcer.model.event import InventoryAccepted
from enforcer.model.limits import InventoryLimits, Limits
from enforcer.model.plan import Acceptance, Proposal


class Completeness(Struct, frozen=True, kw_only=True):
    """What there is to be said of the inventories of a run."""

    doubts: tuple[str, ...]
    """One sentence for each reason to refuse the run; () means go."""
    accepted: tuple[InventoryAccepted, ...]
    """Those that would have been refused, had not a person named their numbers."""
    hint: str | None


def judge(proposals: Sequence[Proposal], limits: Limits, accepted: Sequence[Acceptance]) -> Completeness:
    """Judge the inventories of *proposals* together; *accepted* are those that a person has looked at."""
    doubted = [(one.plan, found) for one in proposals if (found := tuple(_doubts(one, limits)))]
    reasons = {word.tasks: word.reason for word in accepted}
    refused = [(plan, found) for plan, found in doubted if plan.listed not in reasons]
    named = f" (--accept-inventory names {', '.join(map(str, reasons))})" if reasons else ""
    flags = ", ".join(f"--accept-inventory {plan.listed} REASON" for plan, _ in refused)
    return Completeness(
        doubts=tuple(f"inventory of {plan.target}: {doubt}{named}" for plan, found in refused for doubt in found),
        accepted=tuple(
            InventoryAccepted(target=plan.target, tasks=plan.listed, reason=reasons[plan.listed], doubts=found)
            for plan, found in doubted
            if plan.listed in reasons
        ),
        hint=f"Check endpoint, project and permissions. If that is all there is, say so: {flags}." if flags else None,
    )


def _doubts(one: Proposal, limits: Limits) -> Iterator[str]:
    """Yield each reason to doubt; without a baseline, nothing can have shrunk."""
    bounds: InventoryLimits = limits.inventory
    listed, eligible, unknown = one.plan.listed, one.plan.eligible, one.unknown_modes
    if listed < bounds.min_tasks:
        yield f"{listed:,} tasks < {bounds.min_tasks:,} (min_tasks)"
    baseline = one.history.baseline if one.history else None
    if baseline is not None and _exceeds(baseline.tasks - listed, baseline.tasks, bounds.max_shrink):
        yield (
            f"shrank from {baseline.tasks:,} to {listed:,} tasks since run {baseline.run_id}, "
            f"{_share(baseline.tasks - listed, baseline.tasks)} > {bounds.max_shrink}% (max_shrink)"
        )
    if eligible >= limits.min_population and _exceeds(unknown, eligible, bounds.max_unknown_mode):
        yield (
            f"the modes of {unknown:,} of {eligible:,} eligible tasks are not reported, "
            f"{_share(unknown, eligible)} > {bounds.max_unknown_mode}% (max_unknown_mode)"
        )


def _exceeds(part: int, whole: int, percent: int | None) -> bool:
    return percent is not None and part * 100 > percent * whole


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.4g}%"
