"""`enforcer history`: one task's past."""

from typing import Any

import click

from enforcer.cli.flags import completing, helping, options
from enforcer.cli.terminal import screen


@helping.command("history", exits=helping.RECORDS, example="enforcer history pay-orders-7")
@click.argument("task", shell_complete=completing.tasks)
@options.form(("text", "json"))
@options.state
def command(task: str, *, form: str, **flags: Any) -> int:
    """Show each change of TASK that a run planned: what asked for it, in which run, by whom, and what became of it.

    TASK is an id, the beginning of one, or a name. Runs that found it as desired have nothing to tell of it.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import past_tables
    from enforcer.cli.wiring import recorded_tasks

    found = recorded_tasks.past(flagged.home(flags), task)
    screen.show(past_tables.as_json(found) if form == "json" else past_tables.as_text(found))
    return 0
