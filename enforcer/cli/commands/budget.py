"""`enforcer budget`: what is left of each day's budget, and when it frees. No network."""

from typing import Any

import click

from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen


@helping.command(
    "budget",
    exits=helping.RECORDS,
    example="enforcer budget policies/nightly.yaml",
)
@click.argument("policy", type=values.PATH, required=False)
@options.form(("text", "json"))
@options.state
def command(policy: str | None, *, form: str, **flags: Any) -> int:
    """Show what all runs sent in the last 24 hours, for each project and direction, from the journal.

    With POLICY also what its per_day leaves, for its targets. Each change counts for 24 hours.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import rows
    from enforcer.cli.wiring import recorded_tasks
    from enforcer.cli.wiring.documents import load_policy

    rules = None if policy is None else load_policy(policy)
    found = recorded_tasks.allowances(flagged.home(flags), rules)
    screen.show(rows.allowances_json(found) if form == "json" else rows.allowances_text(found))
    return 0
