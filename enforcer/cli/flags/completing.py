"""What a shell offers for an argument or an option: runs, targets, tasks, overrides. It never fails and sends nothing.

Click asks while a line is being typed, so all that may be wrong in it by then, a policy or a journal that cannot be
read, offers nothing.
"""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from click import Context, Parameter
from click.shell_completion import CompletionItem

if TYPE_CHECKING:
    from enforcer.cli.state import Home
    from enforcer.model.override import Override
    from enforcer.model.policy import Policy

_RUNS = 100
"""How many of the last runs are offered."""

Offers = Callable[[Context, Parameter, str], list[CompletionItem]]


def _offering(found: Callable[[Context, str], Iterable[tuple[str, str]]]) -> Offers:
    """Return what click asks, for a function that finds values, each with a word on it."""

    def offer(context: Context, _: Parameter, begun: str) -> list[CompletionItem]:
        from enforcer.errors import EnforcerError

        try:
            offers = tuple(found(context, begun))
        except EnforcerError:
            return []
        return [CompletionItem(value, help=said) for value, said in offers if value.startswith(begun)]

    return offer


def _home(context: Context) -> "Home":
    from enforcer.cli import state

    return state.home(context.params.get("state"), context.params.get("state_dir"), os.environ)


def _runs(context: Context, _: str) -> Iterable[tuple[str, str]]:
    from enforcer.cli.wiring import recorded_runs

    for row in recorded_runs.listed(_home(context), _RUNS):
        yield row.run_id, f"{row.command} {row.policy_name}: {row.exit_name}"


def _policy(context: Context) -> "Policy | None":
    """Return the policy on the line, None if there is none yet. Raises PolicyError."""
    from enforcer.cli.wiring.documents import load_policy

    # While the option's value is missing, click has put the arguments aside and given none of them its name.
    given = [context.params.get("policy"), *context.args]
    path = next((path for path in given if path and Path(path).exists()), None)
    return None if path is None else load_policy(path)


def _targets(context: Context, _: str) -> Iterable[tuple[str, str]]:
    policy = _policy(context)
    for target in policy.targets if policy else ():
        yield target.name, target.region or target.endpoint or ""


def _rules(context: Context, _: str) -> Iterable[tuple[str, str]]:
    policy = _policy(context)
    if policy is not None:
        yield from ((rule.id, f"{rule.mode}, {rule.origin}") for rule in policy.rules)
        yield "default", f"{policy.default}, where no rule decides"


def _tasks(context: Context, begun: str) -> Iterable[tuple[str, str]]:
    from enforcer.cli.wiring import recorded_tasks

    return recorded_tasks.planned(_home(context), begun)


def _contested(context: Context, _: str) -> Iterable[tuple[str, str]]:
    from enforcer.cli.wiring import recorded_tasks

    for each in recorded_tasks.contested(_home(context)):
        yield each.task_id, f"to {each.mode}"


def _in_force(context: Context) -> "Iterable[Override]":
    from enforcer.cli.wiring import recorded_overrides
    from enforcer.run.clock import utc_now

    now = utc_now()
    return (each for each in recorded_overrides.stored(_home(context)) if each.is_in_force(now))


def _overrides(context: Context, _: str) -> Iterable[tuple[str, str]]:
    return ((each.id, each.reason) for each in _in_force(context))


def _incidents(context: Context, _: str) -> Iterable[tuple[str, str]]:
    return ((each.id, each.reason) for each in _in_force(context) if each.run_id is not None)


runs = _offering(_runs)
targets = _offering(_targets)
rules = _offering(_rules)
tasks = _offering(_tasks)
contested = _offering(_contested)
overrides = _offering(_overrides)
incidents = _offering(_incidents)
