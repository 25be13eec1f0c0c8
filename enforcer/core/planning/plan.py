"""Inventory, policy and overrides make a plan. The plan does not depend on the order in which tasks were listed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from msgspec import Struct

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.overrides.ledger import matched
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.model.override import Override
from enforcer.model.plan import Cause, Change, Decision, Ground, Held, Left, OverridesFound, Plan, Released
from enforcer.model.rule import PolicyMode
from enforcer.model.task import Inventory, ResumeMode, Task

OUTSIDE_ONLY = "outside --only"
NO_RULE = "no rule matches"
NOT_ELIGIBLE = "not eligible"
MODE_NOT_REPORTED = "its resume_mode is not reported"


class PolicyPlanner(Struct, frozen=True, kw_only=True):
    """Plans what policy and overrides ask for. *now* is an aware time; every decision is made as of it."""

    policy: CompiledPolicy
    overrides: CompiledOverrides
    selection: Selection
    now: datetime
    since: datetime | None = None
    """When the run before this one began; None: there was none."""

    def mode_matters(self, task: Task) -> bool:
        """Return whether the plan for *task* depends on its mode, so that a row without one has to be looked up."""
        return decide(task, self.policy, self.overrides, self.now).desired is not None

    def plan(self, inventory: Inventory) -> Plan:
        """Sort every listed task into in sync, left alone, or to change.

        A drifting task outside the selection is left alone; one in sync counts as in sync wherever it stands.
        """
        in_sync = eligible = 0
        changes: list[Change] = []
        left: list[Left] = []
        decided: Counter[str] = Counter()
        causes = _Causes()
        for task in inventory.tasks:
            decision = decide(task, self.policy, self.overrides, self.now)
            eligible += decision.ground is not Ground.NOT_ELIGIBLE
            if decision.override is not None:
                decided[decision.override.id] += 1
            if decision.desired is None:
                left.append(Left(task=task, reason=causes.why_left(decision)))
            elif task.resume_mode is decision.desired:
                in_sync += 1
            elif not self.selection.includes(task):
                left.append(Left(task=task, reason=OUTSIDE_ONLY))
            else:
                changes.append(_change(task, decision.desired, causes.of(decision)))
        return Plan(
            target=inventory.target,
            listed=len(inventory.tasks),
            eligible=eligible,
            in_sync=in_sync,
            changes=tuple(sorted(changes, key=_order)),
            left=tuple(left),
            overrides=self._found(inventory, decided, changes),
        )

    def _found(self, inventory: Inventory, decided: Mapping[str, int], changes: Sequence[Change]) -> OverridesFound:
        in_force = self.overrides.in_force(self.now)
        ended = () if self.since is None else self.overrides.ended_between(self.since, self.now)
        eligible = (task for task in inventory.tasks if self.policy.is_eligible(task))
        return OverridesFound(
            at=self.now,
            held=tuple(Held(override=each, tasks=decided.get(each.id, 0)) for each in in_force),
            released=tuple(Released(override=each, task_ids=_released(each, changes)) for each in ended),
            conflicts=self.overrides.conflicts(eligible, self.now) if len(in_force) > 1 else (),
        )


def _released(override: Override, changes: Sequence[Change]) -> tuple[str, ...]:
    """Return the tasks among *changes* that would stay as they are if *override* still held."""
    return tuple(
        task.task_id
        for task in matched(override, (change.task for change in changes))
        if override.mode in {PolicyMode.LEAVE, task.resume_mode}
    )


class _Causes:
    """What asks for the changes of a plan, and why tasks are left alone: each once, however many it is true of."""

    def __init__(self) -> None:
        self._causes: dict[tuple[str | None, str | None], Cause] = {}
        self._reasons: dict[str, str] = {}

    def of(self, decision: Decision) -> Cause:
        override, rule = decision.override, decision.rule
        key = override.id if override else None, rule.id if rule else None
        if key not in self._causes:
            self._causes[key] = _cause(decision)
        return self._causes[key]

    def why_left(self, decision: Decision) -> str:
        reason = _why_left(decision)
        return self._reasons.setdefault(reason, reason)


def _change(task: Task, desired: ResumeMode, cause: Cause) -> Change:
    unreported = MODE_NOT_REPORTED if task.resume_mode is None else None
    return Change(task=task, desired=desired, cause=cause, obstacle=task.defect or unreported)


def _cause(decision: Decision) -> Cause:
    override, rule = decision.override, decision.rule
    if override is not None:
        return Cause(name=f"override {override.id}", origin=_origin(override), reason=_reason(override))
    if rule is None:
        return Cause(name="default")
    return Cause(name=rule.id, origin=str(rule.origin), reason=rule.reason, priority=rule.priority)


def _origin(override: Override) -> str | None:
    return None if override.origin is None else str(override.origin)


def _reason(override: Override) -> str:
    return override.reason if override.ticket is None else f"{override.reason} ({override.ticket})"


def _why_left(decision: Decision) -> str:
    if decision.ground is Ground.NOT_ELIGIBLE:
        return NOT_ELIGIBLE
    if decision.override is not None:
        return f"override {decision.override.id} until {decision.override.ends:%Y-%m-%dT%H:%MZ}"
    return NO_RULE if decision.rule is None else f"rule {decision.rule.id}"


def _order(change: Change) -> tuple[bool, int, str]:
    """Changes to manual first, since they only lower risk; then by priority, then by id."""
    return change.desired is ResumeMode.AUTO, -change.cause.priority, change.task.task_id
