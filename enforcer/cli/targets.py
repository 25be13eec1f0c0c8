"""Which targets a run is for: the policy's, the flags' and the surroundings' word on each, the strongest first."""

import difflib
from collections.abc import Callable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from enforcer.core.rollout import sharding
from enforcer.core.text.endpoint import canonical, check_endpoint, check_project_id, check_region
from enforcer.core.text.quantity import UNLIMITED
from enforcer.errors import ConfigError, UsageError
from enforcer.model.event import TargetRef
from enforcer.model.limits import Limits, Rate
from enforcer.model.policy import Policy, Target
from enforcer.model.shard import Shard


class Connection(Struct, frozen=True, kw_only=True):
    """The connection options, as given; None or empty: not given."""

    target: tuple[str, ...] = ()
    region: str | None = None
    project_id: str | None = None
    endpoint: str | None = None
    iam_endpoint: str | None = None
    credentials: str | None = None
    ca_file: str | None = None
    proxy: str | None = None


class Surroundings(Struct, frozen=True, kw_only=True):
    """What the environment and the profile say of the place to work in."""

    region: str | None
    project_id: str | None
    iam_endpoint: str | None


class Place(Struct, frozen=True, kw_only=True):
    """A target with every setting resolved, but for a project that IAM has to be asked for (None)."""

    name: str
    region: str | None
    project_id: str | None
    endpoint: str
    iam_endpoint: str | None
    rate: Rate | None
    concurrency: int
    only_seen: bool = False
    """It is another shard's, and nothing of it is changed."""

    def ref(self, project_id: str | None) -> TargetRef:
        """Return how events name this place; *project_id* is what it turned out to be, None if nothing did."""
        return TargetRef(
            name=self.name,
            region=self.region,
            endpoint=self.endpoint,
            project_id=project_id or self.project_id or "",
            rate_per_s=None if self.rate is None else float(self.rate.per_second),
            rate=UNLIMITED if self.rate is None else self.rate.text,
            concurrency=self.concurrency,
            iam_endpoint=self.iam_endpoint,
            only_seen=self.only_seen,
        )


def resolve(
    policy: Policy,
    connection: Connection,
    limits: Limits,
    surroundings: Surroundings,
    *,
    endpoint_for: Callable[[str], str],
) -> tuple[Place, ...]:
    """Return the places that *connection* selects of *policy*, in the policy's order.

    For each setting the flag counts first, then the policy, then the surroundings. *limits* are those in force,
    flags included. Raises UsageError for an unknown target, or flags that describe one target where several are
    meant, and ConfigError for a target whose endpoint nothing tells.
    """
    chosen = _chosen(policy, connection.target)
    single = (connection.region, connection.project_id, connection.endpoint, connection.iam_endpoint)
    if len(chosen) > 1 and any(single):
        raise UsageError(
            "--region, --project-id, --endpoint and --iam-endpoint describe one target, "
            f"and the policy has {len(chosen)}: {', '.join(target.name for target in chosen)}",
            hint="Name one of them with --target.",
        )
    return tuple(_place(target, connection, limits, surroundings, endpoint_for) for target in chosen)


def divided(places: Sequence[Place], shard: Shard) -> tuple[Place, ...]:
    """Return *places*, of which those that are not of *shard* are only seen. Raises UsageError if they are too few."""
    try:
        whose = sharding.others([(canonical(place.endpoint), place.project_id) for place in places], shard)
    except ValueError as wrong:
        raise UsageError(f"--shard {shard}: {wrong}") from None
    return tuple(replace(place, only_seen=seen) for place, seen in zip(places, whose, strict=True))


def _chosen(policy: Policy, names: tuple[str, ...]) -> tuple[Target, ...]:
    known = {target.name: target for target in policy.targets}
    for name in names:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            raise UsageError(
                f"the policy has no target {name!r}; it has {', '.join(known) or 'none, so --target has no use'}",
                hint=f"Did you mean {near[0]}?" if near else None,
            )
    if not known:
        return (Target(name=""),)
    return tuple(target for target in policy.targets if not names or target.name in names)


def _place(
    target: Target,
    connection: Connection,
    limits: Limits,
    surroundings: Surroundings,
    endpoint_for: Callable[[str], str],
) -> Place:
    region = connection.region or target.region or surroundings.region
    project_id = connection.project_id or target.project_id or surroundings.project_id
    endpoint = connection.endpoint or target.endpoint
    name = target.name or region or "default"
    _check(name, region, check_region)
    _check(name, project_id, check_project_id)
    _check(name, endpoint, check_endpoint)
    _check(name, connection.iam_endpoint, check_endpoint)
    if endpoint is None and region is None:
        raise ConfigError(
            f"target {name}: neither an endpoint nor a region is known",
            hint="Set HW_REGION_NAME, --region or --endpoint, or write `targets` in the policy.",
        )
    return Place(
        name=name,
        region=region,
        project_id=project_id,
        endpoint=endpoint or endpoint_for(region or ""),
        iam_endpoint=connection.iam_endpoint or target.iam_endpoint or surroundings.iam_endpoint,
        rate=target.rate or limits.rate,
        concurrency=limits.concurrency,
    )


def _check(name: str, text: str | None, check: Callable[[str], str]) -> None:
    try:
        if text is not None:
            check(text)
    except ValueError as wrong:
        raise ConfigError(f"target {name}: {wrong}") from None
