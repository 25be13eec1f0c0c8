"""Tasks over which enforcer and somebody else contend: set night after night, and found reset each time.

What a person asked for by name, an override or an undo, is no sign of a fight, and no fight keeps it from being done.
"""

from collections.abc import Iterable
from typing import Final

from enforcer.core.admission.budget import Candidate
from enforcer.model.history import Setting
from enforcer.model.task import ResumeMode

RUNS: Final = 5
"""How many of the last runs are looked at."""
TIMES: Final = 3
"""In how many of them the same mode has to have been set, to be found reset again."""
_BY_NAME: Final = ("override ", "undo ")
_CONTESTED: Final = "contested: "

Contest = tuple[str, ResumeMode]
"""A task's id and the mode that is fought over."""


def is_asked_by_name(cause: str) -> bool:
    """Return whether *cause*, as `Cause.name` has it, is an override or an undo."""
    return cause.startswith(_BY_NAME)


def contests(runs: Iterable[Iterable[Setting]]) -> frozenset[Contest]:
    """Return what was set often enough in *runs*, the oldest first, that finding it reset again is a fight.

    A mode that enforcer itself set to the other in between begins anew.
    """
    counts: dict[Contest, int] = {}
    for settings in runs:
        for each in settings:
            counts.pop((each.task_id, _other(each.mode)), None)
            if not each.by_name:
                contest = each.task_id, each.mode
                counts[contest] = counts.get(contest, 0) + 1
    return frozenset(contest for contest, times in counts.items() if times >= TIMES)


def found(candidate: Candidate) -> str | None:
    """Return why *candidate* is contested, in words; None if it is not."""
    proposal, change = candidate
    if proposal.history is None or is_asked_by_name(change.cause.name):
        return None
    contest = change.task.task_id, change.desired
    if contest in proposal.history.contested or contest in proposal.history.fought:
        return (
            f"{_CONTESTED}set to {change.desired} in {TIMES} of the last {RUNS} runs and found reset each time. "
            f"When that is settled: enforcer contested clear {change.task.task_id}"
        )
    return None


def is_named_in(reason: str | None) -> bool:
    """Return whether *reason*, why a change is deferred, is what `found` says."""
    return reason is not None and reason.startswith(_CONTESTED)


def _other(mode: ResumeMode) -> ResumeMode:
    return ResumeMode.MANUAL if mode is ResumeMode.AUTO else ResumeMode.AUTO
