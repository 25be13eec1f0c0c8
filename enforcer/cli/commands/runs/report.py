"""`enforcer runs report`: a run's report, as it was printed when the run ended."""

from typing import Any

import click

from enforcer.cli.commands.plan import FORMATS
from enforcer.cli.flags import completing, helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "report",
    summary="Print the report of a run again, in any format",
    exits=helping.RECORDS,
    example="enforcer runs report 20261123T021500Z-7f3a2c --format markdown",
)
@click.argument("run", shell_complete=completing.runs)
@options.form(FORMATS)
@options.state
def report(run: str, *, form: str, **flags: Any) -> int:
    """Print the report of RUN again. A part of its id is enough if no other run has it."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.runs.reporting import reported
    from enforcer.reports import pieces

    screen.show_as(form, pieces(reported(flagged.home(flags), run), form))
    return 0
