"""`enforcer explain`: why a task gets the mode that it gets, and what would decide otherwise."""

from typing import Any

import click

from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen
from enforcer.reports import explanations


@helping.command(
    "explain",
    exits=helping.LISTING,
    example="enforcer explain policies/nightly.yaml 'pay-*' --inventory inventory.json",
)
@click.argument("policy", type=values.PATH)
@click.argument("task", type=values.PATTERN)
@options.option("--at", type=values.TIME, metavar="TIME", help="Decide as of this time, like 2030-09-05T02:00:00Z.")
@options.option("--inventory", type=values.PATH, metavar="FILE", help="Look in what `tasks -o` wrote, not at the API.")
@options.connection
@options.form(tuple(explanations.FORMATS))
@options.state
@options.log
def command(policy: str, task: str, *, at: str | None, inventory: str | None, form: str, **flags: Any) -> int:
    """Show the ladder that leads to the decision on TASK (an id, a name, or a glob of them) under POLICY."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import explaining

    found = explaining.explain(policy, task, flags, sink=flagged.log(flags), inventory=inventory, at=at)
    screen.show(explanations.render(found, form))
    return 0
