"""Why a run is refused whole, a sentence for each reason, and what to do about it."""

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from enforcer.core.admission.budget import Gauge, Meter
from enforcer.model.limits import Limits
from enforcer.model.plan import Proposal
from enforcer.model.task import ResumeMode

OVER_HINT: Final = (
    "If the plan is what you want, send what fits with --allow-partial, take a part of it with --only, "
    "or raise the limit in the policy."
)
_CLAUSES: Final = 5
"""Limits that a refusal names at most in one direction; there may be one for every instance."""


def unseen(targets: Collection[str]) -> Iterator[str]:
    """Say which *targets*, whose changes others may be sending, could not be listed."""
    if targets:
        yield (
            f"shard: {', '.join(sorted(targets))} could not be listed, and other shards may change tasks there, "
            "so that the whole plan is not known"
        )


def too_many_tasks(proposals: Iterable[Proposal], limits: Limits) -> Iterator[str]:
    """Say of which of *proposals* the list was not read to its end."""
    for one in proposals:
        if one.plan.listed > limits.max_inventory:
            yield (
                f"inventory: more than {limits.max_inventory:,} tasks are listed at {one.plan.target} "
                "(limits.max_inventory), and the rest was not read"
            )


def limits_passed(whole: Meter) -> Iterator[str]:
    """Yield ``to_auto: 14 > 10 (max); 14 > 9 (20% of 47 eligible)`` for each direction in which a limit is passed."""
    several = len(whole.targets) > 1
    for mode in (ResumeMode.AUTO, ResumeMode.MANUAL):
        passed = [gauge for gauge in whole.gauges(mode) if gauge.left < 0]
        if passed:
            clauses = [_clause(gauge, mode, several=several) for gauge in passed[:_CLAUSES]]
            rest = len(passed) - _CLAUSES
            yield f"to_{mode}: {'; '.join(clauses)}" + (f"; and {rest:,} limits more" if rest > 0 else "")


def max_changes(number: int, most: int) -> str:
    """Say that *number* changes are more than the *most* that a flag allows."""
    return f"changes: {number:,} > {most:,} (--max-changes)"


def _clause(gauge: Gauge, mode: ResumeMode, *, several: bool) -> str:
    note = f"{gauge.note}, {gauge.target}" if several and gauge.target else gauge.note
    origin = "" if gauge.is_written else f", built-in default; limits.to_{mode}.{gauge.limit} sets it"
    return f"{gauge.count:,} > {gauge.allowed:,} ({note}{origin})"
