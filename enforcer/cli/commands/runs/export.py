"""`enforcer runs export`: a run's events as JSON lines, all that the journal has of it."""

from typing import Any

import click

from enforcer.cli.flags import completing, helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "export",
    summary="Print the events of a run as JSON lines",
    exits=helping.RECORDS,
    example="enforcer runs export 20261123T021500Z-7f3a2c",
)
@click.argument("run", shell_complete=completing.runs)
@options.state
def export(run: str, **flags: Any) -> int:
    """Print the events of RUN, one JSON object a line. A part of its id is enough if no other run has it."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.wiring import recorded_runs

    screen.show("\n".join(recorded_runs.event_lines(flagged.home(flags), run)))
    return 0
