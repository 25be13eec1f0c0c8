"""One run before it sets out: its policy with the flags in it, its targets and terms, and what it is to bring about."""

import secrets
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from enforcer.cli.runs import in_force
from enforcer.cli.state import Home
from enforcer.cli.targets import Connection, Place, divided
from enforcer.cli.wiring.cloud import Cloud
from enforcer.cli.wiring.documents import load_policy
from enforcer.cli.wiring.recorded_runs import last_start
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.plan import PolicyPlanner
from enforcer.core.rollout import sharding
from enforcer.core.text.quantity import parse_duration, parse_rate
from enforcer.errors import UsageError
from enforcer.model.limits import Limits
from enforcer.model.lock import StopRequest
from enforcer.model.notify import Notify
from enforcer.model.plan import NO_LATITUDE, Latitude
from enforcer.model.policy import Policy
from enforcer.model.shard import Shard
from enforcer.run.clock import utc_now
from enforcer.run.enforce import Planner, Wish, enforce


class RunOptions(Struct, frozen=True, kw_only=True):
    """The run options, as given; None or empty: not given."""

    only: tuple[str, ...] = ()
    rate: str | None = None
    concurrency: int | None = None
    deadline: str | None = None
    notify: Notify | None = None
    latitude: Latitude = NO_LATITUDE
    shard: Shard | None = None
    flags: tuple[tuple[str, ...], ...] = ()
    """The flags that the next command has to say again, as in `RunStarted`."""


class Terms(Struct, frozen=True, kw_only=True):
    """On what terms a run may change something: where it is recorded, and how long it waits."""

    home: Home
    any_file_system: bool
    """Whether the state directory may be on a network file system."""
    lock_timeout_s: float
    """How long it waits for another run to end, in seconds; 0: not at all."""
    drain_s: float
    """How long it waits for the requests in flight when it is stopped, in seconds."""
    plea: StopRequest | None = None
    """What those are told who hold a lock that it waits for, so that they stop; None: they go on."""


class Errand(Struct, frozen=True, kw_only=True):
    """One run, ready to be set out on: nothing of it has touched the network."""

    run_id: str
    began_at: float
    """When its policy was about to be read: Unix time in seconds."""
    command: str
    parent_run: str | None = None
    """The run that this one finishes or reverses."""
    policy: Policy
    """With what flags made of it."""
    policy_path: Path
    """Where it was read from, absolute."""
    wish: Callable[[], Wish]
    """Tells what is to be brought about, as of the moment when it is asked: under the locks, just before listing."""
    enforce: Callable[..., Awaitable[None]] = enforce
    """How its sites are made as it wishes: `run.enforce.enforce`, or another of its kind."""
    only: tuple[str, ...]
    flags: tuple[tuple[str, ...], ...] = ()
    shard: Shard | None = None
    """Which part of a run it is; None: it is whole."""
    places: tuple[Place, ...]
    cloud: Cloud
    home: Home
    settle_s: float
    lifting: str | None = None
    """The override that the run plans without, since it ends when the run is agreed to."""
    agreed: Callable[[], object] = lambda: None
    """Called when the run is agreed to, before anything is sent; it may raise JournalError, and then nothing is."""
    keep_days: int | None = None
    """How long the records of the policy's runs are kept; None: nothing is deleted at this run's end."""


def prepare(
    command: str,
    policy_path: str,
    connection: Connection,
    options: RunOptions,
    *,
    home: Home,
    settle_s: float = 0,
) -> Errand:
    """Read the policy, find the credentials and settle every setting.

    Raises PolicyError, ConfigError or UsageError. *home* is where the journal is that tells of earlier runs;
    *settle_s* is how long the read-back waits, in seconds.
    """
    began = utc_now()
    policy = with_flags(load_policy(policy_path), options)
    prepared = errand(
        command,
        policy,
        Path(policy_path).absolute(),
        connection,
        began=began,
        home=home,
        wish=lambda: _standing_wish(policy, options, home, began),
        only=options.only,
        flags=options.flags,
        shard=options.shard,
        settle_s=settle_s,
    )
    return replace(prepared, keep_days=policy.history.keep)


def errand(
    command: str,
    policy: Policy,
    policy_path: Path,
    connection: Connection,
    *,
    began: datetime,
    home: Home,
    wish: Callable[[], Wish],
    only: tuple[str, ...] = (),
    flags: tuple[tuple[str, ...], ...] = (),
    shard: Shard | None = None,
    settle_s: float = 0,
) -> Errand:
    """Find the credentials and settle every setting of a run; *began*: before its policy was read.

    Of a *shard*, the pace is already in *policy* (`with_flags`), and the targets are divided here.
    Raises ConfigError or UsageError.
    """
    cloud = Cloud(connection)
    places = cloud.places(policy, policy.limits)
    if shard is not None:
        places = divided(places, shard)
    others = frozenset(place.name for place in places if place.only_seen)
    return Errand(
        run_id=new_run_id(began),
        began_at=began.timestamp(),
        command=command,
        policy=policy,
        policy_path=policy_path,
        wish=lambda: replace(wish(), others=others),
        only=only,
        flags=flags,
        shard=shard,
        places=places,
        cloud=cloud,
        home=home,
        settle_s=settle_s,
    )


def _standing_wish(policy: Policy, options: RunOptions, home: Home, began: datetime) -> Wish:
    """Return what policy and overrides ask for now, in a run that *began* then.

    Raises JournalError if the overrides cannot be read.
    """
    earlier = last_start(home, policy.name, began.timestamp(), None if options.shard is None else str(options.shard))
    planner = PolicyPlanner(
        policy=CompiledPolicy(policy),
        overrides=in_force.overrides(policy, home),
        selection=Selection(options.only),
        now=utc_now(),
        since=None if earlier is None else datetime.fromtimestamp(earlier, UTC),
    )
    return wish_of(policy, planner, options)


def wish_of(policy: Policy, planner: Planner, options: RunOptions) -> Wish:
    """Return what *planner* asks for, under what *policy* and the flags say of how it may be done."""
    return Wish(
        planner=planner,
        limits=policy.limits,
        freeze=policy.freeze,
        rollout=policy.rollout,
        latitude=options.latitude,
        only=options.only,
    )


def new_run_id(now: datetime) -> str:
    """Return an id that sorts by time and that nobody else makes in the same second."""
    return f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


def with_flags(policy: Policy, options: RunOptions) -> Policy:
    """Return *policy* with what the flags change; a --rate counts for every target, and a shard has its share of all.

    Raises UsageError if the shard would have none.
    """
    limits: Limits = policy.limits
    targets = policy.targets
    if options.rate is not None:
        limits = replace(limits, rate=parse_rate(options.rate))
        targets = tuple(replace(target, rate=None) for target in targets)
    if options.concurrency is not None:
        limits = replace(limits, concurrency=options.concurrency)
    if options.deadline is not None:
        limits = replace(limits, deadline_s=parse_duration(options.deadline))
    changed = replace(policy, limits=limits, targets=targets, notify=options.notify or policy.notify)
    if options.shard is None:
        return changed
    try:
        return sharding.paced(changed, options.shard)
    except ValueError as wrong:
        raise UsageError(f"--shard {options.shard}: {wrong}") from None
