"""From a policy and the name of a task to the explanations of all tasks that it fits."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from msgspec.structs import replace

from enforcer.cli.flags import flagged
from enforcer.cli.lookups import inventory_file, listing
from enforcer.cli.lookups.listing import Listed
from enforcer.cli.runs import in_force
from enforcer.cli.state import Home
from enforcer.cli.wiring import recorded_tasks
from enforcer.cli.wiring.documents import load_policy
from enforcer.core.admission import guards
from enforcer.core.admission.guards import Terms
from enforcer.core.authoring import explain as retracing
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.plan import PolicyPlanner
from enforcer.core.text.moment import parse_time
from enforcer.errors import JournalError, UsageError
from enforcer.model.event import TargetRef
from enforcer.model.explanation import Explanation
from enforcer.model.history import History
from enforcer.model.plan import Proposal
from enforcer.model.policy import Policy
from enforcer.ports import Sink
from enforcer.run.clock import utc_now

MOST = 20
"""Tasks that one call explains."""


def explain(
    policy_path: str, name: str, flags: Mapping[str, Any], *, sink: Sink, inventory: str | None, at: str | None
) -> tuple[Explanation, ...]:
    """Return the explanation of each task whose id or name fits *name*.

    Raises PolicyError, DataError or NotListedError, and UsageError if no task fits or too many do.
    """
    policy = load_policy(policy_path)
    home = flagged.home(flags)
    overrides = in_force.overrides(policy, home)
    listed = _listed(policy, policy_path, flags, sink, inventory)
    selection = Selection((name,))
    found = [task for task in listed.tasks if selection.includes(task)]
    if not found:
        where = ", ".join(f"{len(each.tasks)} tasks of {each.target}" for each in listed.inventories)
        raise UsageError(
            f"no task has the id or the name {name!r}; looked at {where}", hint="`enforcer tasks` lists them."
        )
    if len(found) > MOST:
        raise UsageError(f"{name!r} fits {len(found)} tasks; at most {MOST} are explained at once")
    now = utc_now() if at is None else parse_time(at)
    compiled = CompiledPolicy(policy)
    planner = PolicyPlanner(policy=compiled, overrides=overrides, selection=Selection(()), now=now)
    held = _held(listed, planner, Terms(limits=policy.limits, freeze=policy.freeze, overrides=overrides), home)
    return tuple(
        replace(retracing.explain(task, compiled, overrides, now), held=held.get((task.target, task.task_id)))
        for task in found
    )


def _held(listed: Listed, planner: PolicyPlanner, terms: Terms, home: Home) -> dict[tuple[str, str], str]:
    """Return what guards would hold of a run over all that is *listed*, by target and task id, and why."""
    refs = {ref.name: ref for ref in listed.targets}
    proposals = [
        Proposal(
            ref=refs[inventory.target],
            plan=planner.plan(inventory),
            inventory=inventory,
            unknown_modes=0,
            history=_history(home, refs[inventory.target]),
        )
        for inventory in listed.inventories
        if inventory.target in refs
    ]
    verdict = guards.judge(proposals, terms, planner.now)
    return {
        (hold.change.task.target, hold.change.task.task_id): hold.reason
        for hold in (*verdict.deferred, *verdict.flagged)
    }


def _history(home: Home, ref: TargetRef) -> History | None:
    with suppress(JournalError):
        return recorded_tasks.history(home, ref)
    return None


def _listed(policy: Policy, path: str, flags: Mapping[str, Any], sink: Sink, file: str | None) -> Listed:
    if file is not None:
        return inventory_file.read(file)
    errand = listing.errand("explain", policy, flagged.connection(flags), path=path, home=flagged.home(flags))
    return listing.look(errand, sink)
