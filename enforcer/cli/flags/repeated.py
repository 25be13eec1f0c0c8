"""What of a command line the next command has to say again, so that it means the same tasks, place and terms.

Only what was said on the command line: what the environment says, it says to the next command too.
"""

import shlex
from collections.abc import Iterable, Iterator
from typing import Any

import click
from click.core import ParameterSource

from enforcer.core.text.visible import visible

_SAID_AGAIN = (
    "target",
    "region",
    "project_id",
    "endpoint",
    "iam_endpoint",
    "credentials",
    "ca_file",
    "proxy",
    "rate",
    "concurrency",
    "deadline",
    "shard",
    "allow_partial",
    "break_glass",
    "accept_inventory",
    "max_changes",
    "state",
    "state_dir",
    "unsafe_state_fs",
)
"""`only` is not among them: a run records it by itself."""


def flags() -> tuple[tuple[str, ...], ...]:
    """Return the flags of the command that is being carried out, each with its values; none of them takes a secret."""
    context = click.get_current_context(silent=True)
    if context is None:
        return ()
    return tuple(
        said
        for parameter in context.command.params
        if parameter.name in _SAID_AGAIN and context.get_parameter_source(parameter.name) is ParameterSource.COMMANDLINE
        for said in _words(parameter, context.params[parameter.name])
    )


def here(*words: str, more: Iterable[tuple[str, ...]] = ()) -> str:
    """Return the command `enforcer WORDS…` with the flags *more*, on the state of the one carried out."""
    place = [said for said in flags() if said[0] in {"--state", "--state-dir"}]
    again = dict.fromkeys([*more, *place])
    return visible(shlex.join(["enforcer", *words, *(word for said in again for word in said)]), 1024)


def plan_of(policy: str, only: Iterable[str]) -> str:
    """Return the command `enforcer plan` that shows what the one carried out would do with *policy* and --only."""
    said = (each for each in flags() if each[0] != "--unsafe-state-fs")  # which a plan does not need
    return here("plan", policy, more=[*(("--only", pattern) for pattern in only), *said])


def _words(parameter: click.Parameter, given: Any) -> Iterator[tuple[str, ...]]:
    name = parameter.opts[0]
    for value in given if parameter.multiple else [given]:
        if value is True:
            yield (name,)
        else:
            yield (name, *map(str, value if isinstance(value, tuple) else [value]))
