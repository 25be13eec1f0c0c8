"""From a policy and the name of a task to the explanations of all tasks that it fits."""

from collections.abc import Mapping
from typing import Any

from enforcer.cli import flagged, in_force, inventory_file, listing
from enforcer.cli.listing import Listed
from enforcer.cli.wiring import load_policy
from enforcer.core import explain as retracing
from enforcer.core.matching import CompiledPolicy, Selection
from enforcer.core.moment import parse_time
from enforcer.errors import UsageError
from enforcer.model.explanation import Explanation
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
    overrides = in_force.overrides(policy, flagged.state_dir(flags))
    listed = _listed(policy, policy_path, flags, sink, inventory)
    selection = Selection((name,))
    found = [task for task in listed.tasks if selection.includes(task)]
    if not found:
        where = ", ".join(f"{len(each.tasks)} tasks of {each.target}" for each in listed.inventories)
        raise UsageError(
            f"no task has the id or the name {name!r}; looked at {where}", hint="enforcer tasks lists them."
        )
    if len(found) > MOST:
        raise UsageError(f"{name!r} fits {len(found)} tasks; at most {MOST} are explained at once")
    now = utc_now() if at is None else parse_time(at)
    compiled = CompiledPolicy(policy)
    return tuple(retracing.explain(task, compiled, overrides, now) for task in found)


def _listed(policy: Policy, path: str, flags: Mapping[str, Any], sink: Sink, file: str | None) -> Listed:
    if file is not None:
        return inventory_file.read(file)
    errand = listing.errand("explain", policy, flagged.connection(flags), path=path, state_dir=flagged.state_dir(flags))
    return listing.look(errand, sink)
