"""`enforcer runs import-emergency`: what a run told on stderr when its journal had failed, back into the journal."""

from typing import IO, Any

import click

from enforcer.cli.flags import helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "import-emergency",
    summary="Take events back that the journal had no room for",
    exits=helping.RECORDS,
    example="enforcer runs import-emergency apply.log",
)
@click.argument("file", type=click.File(encoding="utf-8", errors="replace"), default="-")
@options.journal
def import_emergency(file: IO[str], **flags: Any) -> int:
    """Add to the journal what it could not take when its disk was full or broken, from FILE or standard input.

    FILE is the log of the run, whatever else is in it: the lines are found by their schema. What the journal has
    already is passed over, and nothing in it is changed, so it does no harm to import a file twice.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.wiring import recorded_runs
    from enforcer.core.text.visible import visible

    taken = recorded_runs.take_back(flagged.home(flags), file, any_file_system=flags["unsafe_state_fs"])
    for each in taken:
        gap = f", {each.missing} earlier ones are still missing" if each.missing else ""
        screen.show(f"run {visible(each.run_id, 60)}: {each.added} events added, {each.known} known before{gap}")
    if not taken:
        screen.show("No line in it tells of an event, so nothing was added.")
    return 0
