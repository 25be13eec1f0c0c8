"""The ladder as a person reads it: what decides, then each rung in its order, then what would be otherwise."""

from collections.abc import Iterator, Sequence
from itertools import groupby

from enforcer.core.text.visible import visible
from enforcer.model.explanation import Explanation, Rung, Verdict
from enforcer.model.plan import Decision
from enforcer.model.task import ResumeMode

_SAID = {
    Verdict.DECIDES: "decides",
    Verdict.HIT: "would match, too",
    Verdict.MISS: "no",
    Verdict.PASSED: "yes",
    Verdict.OVER: "over",
}
_MISSES_SHOWN = 12
"""Rungs from the top that are shown each by itself, whatever they say."""


def render(explanations: Sequence[Explanation]) -> str:
    return "\n\n".join("\n".join(_lines(each)) for each in explanations)


def _lines(told: Explanation) -> Iterator[str]:
    task = told.task
    yield f"{visible(task.task_id, 64)}  {visible(task.task_name or '-')}  at {visible(task.target or '-')}"
    yield _outcome(told)
    if told.held is not None:
        yield f"A run would hold it: {visible(told.held, 500)}."
    yield ""
    yield from _ladder(told.rungs)
    if told.otherwise is not None:
        yield ""
        yield f"Without it: {_mode(told.otherwise)}, by {visible(told.otherwise_by or '')}."


def _outcome(told: Explanation) -> str:
    desired, observed = told.decision.desired, told.task.resume_mode
    by = visible(told.decided_by)
    if desired is None:
        return f"Left alone, by {by}; it is {_observed(observed)}."
    if desired is observed:
        return f"In sync: it is {desired}, as {by} asks."
    return f"To be changed from {_observed(observed)} to {desired}, by {by}."


def _ladder(rungs: Sequence[Rung]) -> Iterator[str]:
    """Yield the rungs in their order; below the first _MISSES_SHOWN, those in a row that say no are only counted."""
    numbered = enumerate(rungs)
    for is_counted, run in groupby(numbered, lambda each: each[1].verdict is Verdict.MISS and each[0] >= _MISSES_SHOWN):
        if is_counted:
            yield f"     … {sum(1 for _ in run)} more say no"
        else:
            for _, rung in run:
                yield from _rung(rung)


def _rung(rung: Rung) -> Iterator[str]:
    asks = f" -> {rung.mode}" if rung.mode is not None else ""
    place = f"  {visible(str(rung.origin), 256)}" if rung.origin is not None else ""
    mark = "=>" if rung.verdict is Verdict.DECIDES else "  "
    yield f"  {mark} {visible(rung.name)}{asks}: {_SAID[rung.verdict]}{place}"
    for more in (rung.detail, rung.reason if rung.verdict is Verdict.DECIDES else None):
        if more:
            yield f"       {visible(more, 500)}"


def _mode(decision: Decision) -> str:
    return "left alone" if decision.desired is None else str(decision.desired)


def _observed(mode: ResumeMode | None) -> str:
    return "of an unreported mode" if mode is None else str(mode)
