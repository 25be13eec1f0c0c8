"""`enforcer tasks`: the inventory, as a table, as JSON, or as a file for commands that take --inventory."""

from pathlib import Path
from typing import Any

import click

from enforcer.cli.flags import completing, helping, options, values
from enforcer.cli.terminal import screen


@helping.command(
    "tasks",
    exits=helping.LISTING,
    example="enforcer tasks policies/nightly.yaml -o inventory.json",
)
@click.argument("policy", type=values.PATH, required=False)
@options.option("--output", "-o", type=values.PATH, metavar="FILE", help="Write the JSON to this file instead.")
@options.option(
    "--only",
    multiple=True,
    type=values.PATTERN,
    metavar="GLOB",
    help="Show only tasks whose id or name matches; can be repeated.",
)
@options.option(
    "--rule",
    "rules",
    multiple=True,
    metavar="ID",
    shell_complete=completing.rules,
    help="Show only tasks that this rule of POLICY decides now; default: those that no rule does; can be repeated.",
)
@options.connection
@options.form(("text", "json"))
@options.state
@options.log
def command(
    policy: str | None, *, output: str | None, only: tuple[str, ...], rules: tuple[str, ...], form: str, **flags: Any
) -> int:
    """List the migration tasks of POLICY's targets, or of the one target that flags or environment describe.

    Sends no PUT and records nothing.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import governing, inventory_file, listing
    from enforcer.cli.tables import rows
    from enforcer.core.patterns.selection import Selection
    from enforcer.core.text.moment import utc_text
    from enforcer.errors import UsageError

    sink = flagged.log(flags)
    if rules and policy is None:
        raise UsageError(
            "--rule is about the rules of a policy", hint="Name the policy: enforcer tasks POLICY --rule ID"
        )
    wanted, home = listing.policy_of(policy), flagged.home(flags)
    is_governed = governing.governed(wanted, rules, home) if rules else None
    errand = listing.errand("tasks", wanted, flagged.connection(flags), path=policy, home=home)
    listed = listing.look(errand, sink).where(Selection(only).includes)
    if is_governed is not None:
        listed = listed.where(is_governed)
    document = inventory_file.document(listed, utc_text(errand.began_at))
    if output is not None:
        inventory_file.write(Path(output), document)
        screen.note(f"{len(listed.tasks):,} tasks written to {output}")
    else:
        screen.show(document if form == "json" else rows.tasks_text(listed.tasks))
    return 0
