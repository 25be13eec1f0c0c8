"""A plan to a file, and a file to a run: what `plan -o` keeps and `apply PLAN.json` carries out."""

from pathlib import Path

from enforcer import __version__
from enforcer.cli import state
from enforcer.cli.runs import errands, in_force
from enforcer.cli.runs.errands import Errand, RunOptions
from enforcer.cli.state import Home
from enforcer.cli.targets import Connection
from enforcer.cli.terminal import screen
from enforcer.cli.wiring.documents import load_plan, load_policy, overrides_digest, plan_text
from enforcer.core.admission.guards import Verdict
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.savedplan import SavedPlanner
from enforcer.core.planning.saving import saved_changes, saved_policy, settings
from enforcer.core.planning.validity import staleness
from enforcer.core.text.endpoint import canonical
from enforcer.core.text.moment import utc_text
from enforcer.core.text.visible import visible
from enforcer.errors import PolicyError, RefusedError, UsageError
from enforcer.model.policy import Policy
from enforcer.model.report.run import Report
from enforcer.model.savedplan import OnMoved, SavedPlan, SavedTarget
from enforcer.run.clock import utc_now
from enforcer.run.enforce import Wish

SUFFIX = ".json"
"""What the name of a saved plan ends with; a policy's does not."""

_AGAIN = "Make a new plan: enforcer plan POLICY -o PLAN.json"


def is_plan(path: str) -> bool:
    """Whether *path* is meant as a saved plan, by its name."""
    return path.endswith(SUFFIX)


def check_name(path: str) -> None:
    """Raise UsageError if a plan saved under *path* could not be told from a policy."""
    if not is_plan(path):
        raise UsageError(f"{path}: the name of a saved plan ends with {SUFFIX}, by which `apply` knows it")


def save(path: str, errand: Errand, verdict: Verdict | None, report: Report) -> int | None:
    """Write what may go of the plans of *verdict* to *path* and return how many changes that is.

    None: no target was listed, so there is nothing to write. *report* is of the run of *errand* that made them. A plan
    that a guard refused is saved too, since guards judge it again. Raises JournalError if it cannot be written.
    """
    plans = {plan.target: plan for plan in verdict.plans} if verdict else {}
    listed = [target for target in report.targets if target.name in plans]
    if not listed:
        return None
    named = {target.name for target in errand.policy.targets if target.project_id is not None}
    rates = {target.name: target.rate.text for target in errand.policy.targets if target.rate is not None}
    places = {place.name: place for place in errand.places}
    plan = SavedPlan(
        run_id=errand.run_id,
        created=utc_text(errand.began_at),
        version=__version__,
        policy_path=str(errand.policy_path),
        policy=saved_policy(errand.policy),
        overrides_sha256=_overrides_sha256(errand.policy, errand.home),
        targets=tuple(
            SavedTarget(
                name=target.name,
                region=target.region,
                endpoint=target.endpoint,
                iam_endpoint=places[target.name].iam_endpoint,
                project_id=target.project_id,
                is_project_named=target.name in named,
                rate=rates.get(target.name),
                changes=saved_changes(plans[target.name], {task.task_id: task for task in target.tasks}),
            )
            for target in listed
        ),
    )
    state.write_whole(Path(path), [plan_text(plan)], what="plan")
    return sum(len(target.changes) for target in plan.targets)


def prepare(
    path: str,
    connection: Connection,
    options: RunOptions,
    *,
    home: Home,
    settle_s: float,
    on_moved: OnMoved,
    max_age_s: int,
) -> Errand:
    """Return the run that carries out the plan in *path*.

    Raises DataError if it is none, UsageError if *connection* says something else than it, and RefusedError if it was
    edited, is older than *max_age_s* seconds, or is not for what the surroundings say; then nothing was sent.
    """
    began = utc_now()
    saved = load_plan(path)
    stale = staleness(saved, began, max_age_s)
    if stale is not None:
        raise RefusedError(f"{stale}. Nothing was sent.", hint=f"{_AGAIN}, or accept its age with --accept-age.")
    _check_policy(saved)
    _check_connection(saved, connection)
    policy = errands.with_flags(settings(saved), options)
    errand = errands.errand(
        "apply",
        policy,
        Path(saved.policy_path),
        connection,
        began=began,
        home=home,
        wish=lambda: _wish(saved, policy, options, home, on_moved),
        only=options.only,
        flags=options.flags,
        shard=options.shard,
        settle_s=settle_s,
    )
    _check_surroundings(saved, errand, connection)
    if _overrides_sha256(policy, home) != saved.overrides_sha256:
        screen.note("note: overrides have changed since the plan was made; what they hold now is skipped.")
    return errand


def _wish(saved: SavedPlan, policy: Policy, options: RunOptions, home: Home, on_moved: OnMoved) -> Wish:
    planner = SavedPlanner(
        saved,
        policy=CompiledPolicy(policy),
        overrides=in_force.overrides(policy, home),
        selection=Selection(options.only),
        now=utc_now(),
        on_moved=on_moved,
    )
    return errands.wish_of(policy, planner, options)


def _check_policy(saved: SavedPlan) -> None:
    """Refuse the plan of a policy that says something else by now; one that is not here cannot be compared."""
    if not Path(saved.policy_path).exists():
        return
    try:
        is_same = load_policy(saved.policy_path).sha256 == saved.policy.sha256
    except PolicyError:
        is_same = False
    if not is_same:
        raise RefusedError(
            f"the policy {visible(saved.policy_path, 512)} has changed since the plan was made. Nothing was sent.",
            hint=_AGAIN,
        )


def _check_connection(saved: SavedPlan, connection: Connection) -> None:
    target = _only_target(saved, connection)
    if target is None:
        return
    for option, given, planned in (
        ("--endpoint", connection.endpoint and canonical(connection.endpoint), canonical(target.endpoint)),
        ("--project-id", connection.project_id, target.project_id),
        ("--region", connection.region, target.region),
        ("--iam-endpoint", connection.iam_endpoint, target.iam_endpoint),
    ):
        if given and given != planned:
            raise UsageError(
                f"the plan is for {visible(planned or 'no such thing')}, and {option} says {visible(given)}",
                hint=f"Leave out {option} and ENFORCER_{option[2:].replace('-', '_').upper()}: the plan remembers "
                "where it is for.",
            )


def _check_surroundings(saved: SavedPlan, errand: Errand, connection: Connection) -> None:
    target = _only_target(saved, connection)
    project_id = errand.cloud.surroundings().project_id
    if target is None or target.is_project_named or connection.project_id or project_id is None:
        return
    if project_id != target.project_id:
        raise _foreign(target.project_id, f"the environment or the profile names {project_id}")


def _only_target(saved: SavedPlan, connection: Connection) -> SavedTarget | None:
    """Return the one target that the connection options describe, None if there are several."""
    chosen = [target for target in saved.targets if not connection.target or target.name in connection.target]
    return chosen[0] if len(chosen) == 1 else None


def _foreign(planned: str, said: str) -> RefusedError:
    return RefusedError(f"the plan is for {visible(planned)}, and {visible(said)}. Nothing was sent.", hint=_AGAIN)


def _overrides_sha256(policy: Policy, home: Home) -> str:
    return overrides_digest(in_force.overrides(policy, home).overrides)
