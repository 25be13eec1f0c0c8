"""From the id of an earlier run to the run that reverses it or finishes it."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from enforcer.cli.runs import errands, in_force, remembered
from enforcer.cli.runs.errands import Errand, RunOptions
from enforcer.cli.state import Home
from enforcer.cli.targets import Connection
from enforcer.cli.terminal import screen
from enforcer.cli.wiring import recorded_runs, recorded_tasks
from enforcer.cli.wiring.cloud import Cloud
from enforcer.cli.wiring.documents import load_policy
from enforcer.core.fold.summary import fold
from enforcer.core.overrides.compiled import CompiledOverrides
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.resume import Resume
from enforcer.core.planning.revisit import Judge, RevisitPlanner
from enforcer.core.planning.undo import Undo
from enforcer.core.rollout.sharding import parse_shard
from enforcer.errors import DataError, JournalError, PolicyError, UsageError
from enforcer.model.event import RunStarted
from enforcer.model.policy import Policy
from enforcer.run.clock import utc_now
from enforcer.run.enforce import Wish

UNDO = "runs undo"
RESUME = "runs resume"
APPLY = "apply"


class Request(Struct, frozen=True, kw_only=True):
    """Which run to go back to, and what the flags say."""

    run: str
    """Its id, or a part of it that no other run has."""
    policy_path: str | None
    """The policy whose limits count; None: the one that the run remembers, as it is now."""
    connection: Connection
    options: RunOptions
    home: Home
    settle_s: float
    """How long the read-back waits, in seconds."""
    lifting: str | None = None
    """The override that ends when the run is agreed to."""


class Standing(Struct, frozen=True, kw_only=True):
    """What a judge may need to know of the present."""

    policy: CompiledPolicy
    overrides: CompiledOverrides
    now: datetime


def undo(request: Request) -> Errand:
    """Return the run that takes the one of *request* back.

    Raises UsageError, DataError, ConfigError or JournalError.
    """
    first = started(request.home, request.run)
    began_at = next(iter(recorded_runs.events(request.home, first.run_id))).at

    def judge(standing: Standing) -> Judge:
        since = recorded_tasks.set_since(request.home, began_at, but=first.run_id)
        return Undo(run_id=first.run_id, policy=standing.policy, set_since=since)

    return _errand(UNDO, first, request, judge)


def resume(request: Request) -> Errand:
    """Return the run that does what the one of *request* did not get to. Raises as `undo` does."""
    first = started(request.home, request.run)
    follows_policy = _first_command(request.home, first) == APPLY

    def judge(standing: Standing) -> Judge:
        return Resume(
            policy=standing.policy, overrides=standing.overrides, now=standing.now, follows_policy=follows_policy
        )

    return _errand(RESUME, first, request, judge)


def _errand(command: str, earlier: RunStarted, request: Request, judge: Callable[[Standing], Judge]) -> Errand:
    began = utc_now()
    if missing := recorded_runs.shortfall(request.home, earlier.run_id):
        screen.note(f"warning: {missing}, so it is as if it had not been done.")
    path = Path(request.policy_path or earlier.policy_path).absolute()
    # The other shards may be at work still, so this one keeps to its share of the pace.
    shard = None if earlier.shard is None else parse_shard(earlier.shard)
    options = replace(request.options, shard=shard)
    policy = errands.with_flags(_policy(earlier, path, is_remembered=request.policy_path is None), options)

    def wish() -> Wish:
        standing = Standing(
            policy=CompiledPolicy(policy),
            overrides=in_force.overrides(policy, request.home, but=request.lifting),
            now=utc_now(),
        )
        planner = RevisitPlanner(
            earlier=fold(recorded_runs.events(request.home, earlier.run_id)),
            judge=judge(standing),
            policy=standing.policy,
            overrides=standing.overrides,
            selection=Selection(options.only),
            now=standing.now,
        )
        return errands.wish_of(policy, planner, options)

    return Errand(
        run_id=errands.new_run_id(began),
        began_at=began.timestamp(),
        command=command,
        parent_run=earlier.run_id,
        policy=policy,
        policy_path=path,
        wish=wish,
        only=options.only,
        flags=options.flags,
        shard=shard,
        places=remembered.places(earlier, policy, request.connection),
        cloud=Cloud(request.connection),
        home=request.home,
        settle_s=request.settle_s,
        lifting=request.lifting,
    )


def started(home: Home, run: str) -> RunStarted:
    """Return how the run *run*, an id or a part of one, set out. Raises UsageError or JournalError."""
    first = next(iter(recorded_runs.events(home, run))).event
    if not isinstance(first, RunStarted):
        raise JournalError(f"the record of run {run} does not begin with {RunStarted.kind}")
    return first


def _first_command(home: Home, run: RunStarted) -> str:
    """Return the command of *run*, or of the one that it resumes, or of the one that that resumes."""
    while run.command == RESUME and run.parent_run is not None:
        run = started(home, run.parent_run)
    return run.command


def _policy(earlier: RunStarted, path: Path, *, is_remembered: bool) -> Policy:
    try:
        return load_policy(str(path))
    except (PolicyError, UsageError) as wrong:
        if not is_remembered:
            raise
        raise DataError(
            f"run {earlier.run_id} remembers the policy {path}, which cannot be used:\n{wrong.message}",
            hint="Name the policy whose limits are to count with --policy.",
        ) from wrong
