"""How an override comes about: from flags to a value, the tasks that it names, and the yes that a large one needs."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec.structs import replace

from enforcer.cli.flags import flagged
from enforcer.cli.lookups import listing
from enforcer.cli.lookups.listing import NotListedError
from enforcer.cli.terminal import author, prompt, running, screen
from enforcer.core.overrides import ledger
from enforcer.core.patterns import pattern
from enforcer.core.patterns.pattern import Kind
from enforcer.core.text.moment import parse_time
from enforcer.core.text.quantity import parse_duration
from enforcer.errors import ConfigError, UsageError
from enforcer.model.override import Override
from enforcer.model.policy import Policy
from enforcer.model.rule import PolicyMode
from enforcer.model.task import Task
from enforcer.ports import Sink
from enforcer.run.stopping import Stop

ASKED_FROM: Final = 20
"""An override of more tasks than that needs a yes."""


def new(patterns: Sequence[str], flags: Mapping[str, Any], now: datetime) -> Override:
    """Return the override that *patterns* and *flags* describe, begun *now* by whoever is at the keyboard."""
    begun = now.replace(microsecond=0)
    return Override(
        id=f"ovr-{begun:%Y%m%d}-{secrets.token_hex(3)}",
        patterns=tuple(patterns),
        targets=tuple(flags["target"]),
        mode=PolicyMode(flags["mode"]),
        reason=" ".join(flags["reason"].split()),
        ticket=flags["ticket"],
        owner=author.user(),
        host=author.host(),
        created=begun,
        expires=expiry(flags, begun),
    )


def expiry(flags: Mapping[str, Any], now: datetime) -> datetime:
    """Return the end that --for or --until ask for; raise UsageError unless it is exactly one of them."""
    lasts, until = flags["lasts"], flags["until"]
    if (lasts is None) == (until is None):
        raise UsageError("an override has an end: give exactly one of --for and --until", hint="Like --for 6h.")
    if lasts is None:
        return parse_time(until)
    try:
        return now + timedelta(seconds=parse_duration(lasts))
    except OverflowError:
        raise UsageError(f"--for {lasts} leads past the last day of the calendar") from None


def listed(override: Override, policy: Policy, flags: Mapping[str, Any], sink: Sink) -> tuple[Task, ...] | None:
    """Return the tasks of the targets that *override* is for, or None where they cannot be had; a note says why.

    Raises UsageError if flags and policy do not go together.
    """
    connection = flagged.connection(flags)
    if not policy.targets:
        connection = replace(connection, target=())
    try:
        errand = listing.errand("override add", policy, connection, path=flags["policy"], home=flagged.home(flags))
        found = listing.look(errand, sink)
    except (ConfigError, NotListedError) as wrong:
        screen.note(f"The tasks could not be listed: {wrong.message}")
        return None
    if not {*override.targets} <= {place.name for place in errand.places}:
        screen.note(f"Listed was {', '.join(place.name for place in errand.places)} only; --policy names all targets.")
        return None
    return tuple(found.tasks)


def confirm(override: Override, tasks: Sequence[Task] | None) -> None:
    """Return if *override* is small enough, or wanted all the same; *tasks* None: they could not be listed.

    Asks at a terminal; raises UsageError without one, or if the answer is no.
    """
    doubt = _doubt(override, tasks)
    if doubt is None:
        return
    if not prompt.is_possible():
        raise UsageError(doubt, hint="Add --yes if that is meant.")
    answers: list[bool] = []

    async def ask(stop: Stop) -> None:
        answers.append(await prompt.agree(f"{doubt[0].upper()}{doubt[1:]}. Add it?", stop))

    running.run(ask)
    if answers != [True]:
        raise UsageError("declined; the override is not added")


def _doubt(override: Override, tasks: Sequence[Task] | None) -> str | None:
    if tasks is not None:
        count = len(ledger.matched(override, tasks))
        return f"the override is about {count} tasks, which is more than {ASKED_FROM}" if count > ASKED_FROM else None
    if len(override.patterns) <= ASKED_FROM and all(
        pattern.parse(text).kind is Kind.EXACT for text in override.patterns
    ):
        return None
    return "without a list nobody can tell how many tasks the override is about"
