"""`enforcer runs show`: what a run was, what went back to it, and what can be done with it."""

from typing import Any

import click

from enforcer.cli.flags import completing, helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "show", summary="Show one run in short", exits=helping.RECORDS, example="enforcer runs show 20261123T021500Z-7f3a2c"
)
@click.argument("run", shell_complete=completing.runs)
@options.form(("text", "json"))
@options.state
def show(run: str, *, form: str, **flags: Any) -> int:
    """Show what RUN was, who went back to it, and what comes next. A part of its id is enough."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import summaries

    summary = summaries.summary(flagged.home(flags), run)
    screen.show(summaries.as_json(summary) if form == "json" else summaries.as_text(summary))
    return 0
