"""Which tasks a report for people shows, in which groups, and what a row says of them. Knows no format."""

from collections.abc import Callable, Iterable, Iterator

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.model.report.run import Report
from enforcer.model.report.target import TargetReport
from enforcer.model.report.task import State, TaskReport, WithheldReport

LIMIT = 40
"""Rows of one group; the rest is counted."""


class Group(Struct, frozen=True, kw_only=True):
    title: str
    states: tuple[State, ...]
    """In the order in which their tasks are shown."""


ATTENTION = Group(
    title="Needs a person",
    states=(State.FAILED, State.UNKNOWN, State.MISMATCH, State.REVERTED, State.SKIPPED, State.GONE),
)
CHANGED = Group(title="Changed", states=(State.VERIFIED, State.ACKED))
UNSENT = Group(title="Not sent", states=(State.DEFERRED, State.NOT_ATTEMPTED))
GROUPS = (ATTENTION, CHANGED, UNSENT)
"""Every state stands in exactly one."""
RANK = {state: number for number, state in enumerate(state for group in GROUPS for state in group.states)}
"""The order of states: what needs a person first."""

WITHHELD = "Left as they are"
"""The title over an earlier run's tasks that this one does not touch."""

_UNSAID = {
    State.ACKED: "the API took it; it was not read back",
    State.FAILED: "it did not happen",
    State.UNKNOWN: "sent, and nothing tells whether it happened",
    State.REVERTED: "set back, since its wave did harm",
    State.SKIPPED: "what is known of it forbids a change",
    State.GONE: "the task no longer exists",
}


def members(group: Group, targets: Iterable[TargetReport]) -> list[tuple[TargetReport, TaskReport]]:
    """Return the tasks of *group*: worst state first, then by wave, then in plan order."""
    placed = ((target, task) for target in targets for task in target.tasks if task.state in group.states)
    return sorted(placed, key=lambda pair: (RANK[pair[1].state], pair[1].wave or 0))


def short_ids(report: Report) -> Callable[[str], str]:
    """Return what to call a task's id: its first 8 characters where no other id of *report* begins so."""
    known: dict[str, str] = {}
    shared: set[str] = set()
    for task_id in _ids(report):
        head = visible(task_id, 64)[:8]
        if known.setdefault(head, task_id) != task_id:
            shared.add(head)

    def short(task_id: str) -> str:
        shown = visible(task_id, 64)
        return f"{shown[:8]}…" if len(shown) > 9 and shown[:8] not in shared else shown

    return short


def _ids(report: Report) -> Iterator[str]:
    for target in report.targets:
        yield from (task.task_id for task in target.tasks)
        yield from (each.task_id for each in target.withheld)


def direction(task: TaskReport) -> str:
    return f"to {task.desired}"


def name(task: TaskReport | WithheldReport) -> str:
    return visible(task.task_name) if task.task_name else "-"


def origin(task: TaskReport) -> str:
    """Return ``nightly.yaml:9``: a policy's folder is flat, so the name of the file is enough."""
    return visible(task.origin.rpartition("/")[2]) if task.origin else ""


def grounds(task: TaskReport) -> tuple[str, str, str]:
    """Return the rule, where it stands and its reason."""
    return visible(task.rule), origin(task), visible(task.rule_reason or "")


def mark(task: TaskReport) -> str:
    """Return what sets a change apart from the others of a plan that are not sent; "" if nothing does."""
    if task.state is State.DEFERRED:
        return "deferred"
    return "over" if task.state is State.NOT_ATTEMPTED and task.reason else ""


def wave(task: TaskReport) -> str:
    return f"wave {task.wave}" if task.wave else ""


def risk(task: TaskReport) -> str:
    """Return ``risk medium: source shared by 3``, or nothing for a change that is not rated."""
    if not task.risk:
        return ""
    reasons = ", ".join(visible(reason) for reason in task.risk_reasons)
    return f"risk {visible(task.risk)}: {reasons}" if reasons else f"risk {visible(task.risk)}"


def why(task: TaskReport) -> str:
    """Return why *task* is in its state, with the error code and request id that a support case asks for."""
    reason = because(task)
    facts = (
        task.error_code and visible(task.error_code, 64),
        task.http_status is not None and task.http_status >= 300 and f"HTTP {task.http_status}",
        task.attempts > 1 and f"{task.attempts} attempts",
        task.request_id and f"request {visible(task.request_id, 64)}",
    )
    more = ", ".join(fact for fact in facts if fact and fact.removeprefix("request ") not in reason)
    return f"{reason} ({more})" if more and reason else reason or more


def because(task: TaskReport) -> str:
    """Return why *task* is in its state, in words alone, so that tasks with the same trouble read the same."""
    return visible(task.reason or _unsaid(task))


def _unsaid(task: TaskReport) -> str:
    if task.state is State.MISMATCH:
        return f"read back as {task.observed_after}" if task.observed_after else "read back without a mode"
    return _UNSAID.get(task.state, "")
