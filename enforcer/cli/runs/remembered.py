"""The targets of an earlier run, as it remembers them, for a run that goes back to it."""

from enforcer.cli.targets import Connection, Place
from enforcer.core.text.endpoint import canonical
from enforcer.errors import UsageError
from enforcer.model.event import RunStarted, TargetRef
from enforcer.model.policy import Policy

_FLAGS = ("region", "project_id", "endpoint", "iam_endpoint")


def places(started: RunStarted, policy: Policy, connection: Connection) -> tuple[Place, ...]:
    """Return the places that the run *started* reached and *connection* selects, with the rates of *policy*.

    Raises UsageError if a connection option does not agree with what is remembered, or names a target that the run
    did not reach.
    """
    reached = tuple(target for target in started.targets if target.project_id and not target.only_seen)
    names = [target.name for target in reached]
    unknown = [name for name in connection.target if name not in names]
    if unknown:
        raise UsageError(f"run {started.run_id} did not work on {unknown[0]!r}; it did on {', '.join(names) or 'none'}")
    chosen = [target for target in reached if not connection.target or target.name in connection.target]
    if not chosen:
        raise UsageError(f"run {started.run_id} reached no target, so it changed nothing")
    for target in chosen:
        _check_agreement(started.run_id, target, connection)
    return tuple(_place(target, policy, connection) for target in chosen)


def _check_agreement(run_id: str, target: TargetRef, connection: Connection) -> None:
    for name in _FLAGS:
        given, known = getattr(connection, name), getattr(target, name)
        if given is None or known is None or given == known:
            continue
        if name.endswith("endpoint") and canonical(given) == canonical(known):
            continue
        flag = f"--{name.replace('_', '-')}"
        raise UsageError(
            f"run {run_id} worked on {target.name} with the {name.replace('_', ' ')} {known}; {flag} says {given}",
            hint=f"Leave out {flag} and ENFORCER_{name.upper()}: the run remembers where it worked.",
        )


def _place(target: TargetRef, policy: Policy, connection: Connection) -> Place:
    own_rate = next((each.rate for each in policy.targets if each.name == target.name), None)
    return Place(
        name=target.name,
        region=target.region,
        project_id=target.project_id,
        endpoint=target.endpoint,
        iam_endpoint=target.iam_endpoint or connection.iam_endpoint,
        rate=own_rate or policy.limits.rate,
        concurrency=policy.limits.concurrency,
    )
