"""Builders of policies, overrides and tasks, valid by default."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.plan import PolicyPlanner
from enforcer.model.history import History
from enforcer.model.limits import Limits
from enforcer.model.override import Override
from enforcer.model.plan import NO_LATITUDE, Latitude, Proposal
from enforcer.model.policy import Freeze, Policy
from enforcer.model.rollout import ALL, Rollout
from enforcer.model.rule import Match, Origin, PolicyMode, Rule
from enforcer.model.task import Inventory, ResumeMode, Task
from enforcer.run.enforce import Wish
from tests.builders import a_target_ref

NOW = datetime(2026, 11, 23, 2, 15, tzinfo=UTC)
AT_ONCE = Rollout(waves=(ALL,), bake_s=0)
"""A rollout that nobody waits for."""


def a_task(task_id: str = "8a7f03c1", **fields) -> Task:
    given = {
        "target": "prod",
        "task_name": f"name-of-{task_id}",
        "status": "INCRMIGEATING",
        "migration_type": "online_migration",
        "migration_method": "incremental_migration",
        "resume_mode": ResumeMode.MANUAL,
    }
    return Task(task_id=task_id, **(given | fields))


def a_rule(rule_id: str, mode: str = "auto", *, match: Match | None = None, **fields) -> Rule:
    if match is None:
        parts = {name: fields.pop(name) for name in Match.__struct_fields__ if name in fields}
        match = Match(**parts)
    return Rule(id=rule_id, match=match, mode=PolicyMode(mode), origin=Origin(file="p.yaml", line=3), **fields)


def a_policy(*rules: Rule, **fields) -> CompiledPolicy:
    return CompiledPolicy(Policy(name="nightly", files=("p.yaml",), sha256="0" * 64, rules=rules, **fields))


def an_override(override_id: str, mode: str = "manual", *patterns: str, **fields) -> Override:
    given: dict[str, Any] = {
        "patterns": patterns or ("*",),
        "reason": "source CPU at 95 %",
        "created": NOW - timedelta(hours=1),
        "expires": NOW + timedelta(hours=5),
        "owner": "li.wei",
        "host": "ops-1",
    }
    return Override(id=override_id, mode=PolicyMode(mode), **(given | fields))


def an_inventory(*tasks: Task, target: str = "prod") -> Inventory:
    return Inventory(target=target, tasks=tasks, count=len(tasks), pages=1, shows=0, stable=True)


def a_freeze(
    days: str = "Mon Tue Wed Thu Fri Sat Sun",
    start: str = "08:00",
    end: str = "20:00",
    zone: str = "UTC",
    **fields: Any,
) -> Freeze:
    """A window for changes to auto."""
    week = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    begin, finish = (int(text[:2]) * 60 + int(text[3:]) for text in (start, end))
    given: dict[str, Any] = {"directions": frozenset([ResumeMode.AUTO]), "origin": Origin(file="p.yaml", line=9)}
    return Freeze(
        days=frozenset(map(week.index, days.split())), start=begin, end=finish, zone=ZoneInfo(zone), **(given | fields)
    )


def a_proposal(
    policy: CompiledPolicy,
    *tasks: Task,
    target: str = "prod",
    history: History | None = History(),  # noqa: B008 - frozen
    overrides: Sequence[Override] = (),
    only: tuple[str, ...] = (),
) -> Proposal:
    """What guards get to see of *tasks* under *policy*; each target name is a project of its own."""
    inventory = an_inventory(*(replace(task, target=target) for task in tasks), target=target)
    plan = a_wish(policy, only=only, overrides=overrides).planner.plan(inventory)
    return Proposal(
        ref=a_target_ref(target, project_id=target),
        plan=plan,
        inventory=inventory,
        unknown_modes=sum(change.task.resume_mode is None for change in plan.changes),
        history=history,
    )


def a_wish(
    policy: CompiledPolicy,
    *,
    only: tuple[str, ...] = (),
    limits: Limits | None = None,
    rollout: Rollout = AT_ONCE,
    overrides: Sequence[Override] = (),
    latitude: Latitude = NO_LATITUDE,
    freeze: tuple[Freeze, ...] = (),
) -> Wish:
    planner = PolicyPlanner(policy=policy, overrides=CompiledOverrides(overrides), selection=Selection(only), now=NOW)
    return Wish(
        planner=planner,
        limits=limits or policy.policy.limits,
        freeze=freeze,
        rollout=rollout,
        latitude=latitude,
    )
