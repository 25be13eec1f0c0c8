"""`enforcer tasks`: the inventory, as a table, as JSON, or as a file for commands that take --inventory."""

from pathlib import Path
from typing import Any

import click

from enforcer.cli.flags import helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "tasks",
    summary="List the migration tasks, or save them for other commands",
    exits=helping.LISTING,
    example="enforcer tasks policies/nightly.yaml -o inventory.json",
)
@click.argument("policy", type=options.PATH, required=False)
@options.option("--output", "-o", type=options.PATH, metavar="FILE", help="Write the JSON to this file instead.")
@options.option(
    "--only",
    multiple=True,
    type=options.PATTERN,
    metavar="GLOB",
    help="Show only tasks whose id or name matches; can be repeated.",
)
@options.connection
@options.form(("text", "json"))
@options.state
@options.log
def command(policy: str | None, *, output: str | None, only: tuple[str, ...], form: str, **flags: Any) -> int:
    """List the migration tasks of POLICY's targets, or of the one target that flags or environment describe.

    Sends no PUT and records nothing.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import inventory_file, listing
    from enforcer.cli.tables import rows
    from enforcer.core.matching import Selection
    from enforcer.core.summary import utc_text

    sink = flagged.log(flags)
    errand = listing.errand(
        "tasks",
        listing.policy_of(policy),
        flagged.connection(flags),
        path=policy,
        home=flagged.home(flags),
    )
    listed = listing.look(errand, sink).only(Selection(only))
    document = inventory_file.document(listed, utc_text(errand.began_at))
    if output is not None:
        inventory_file.write(Path(output), document)
        screen.note(f"{len(listed.tasks)} tasks written to {output}")
    else:
        screen.show(document if form == "json" else rows.tasks_text(listed.tasks))
    return 0
