"""`enforcer runs diff`: what is different between two runs."""

from typing import Any

import click

from enforcer.cli.flags import completing, helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "diff",
    summary="Show what changed between two runs of a policy",
    exits=helping.RECORDS,
    example="enforcer runs diff 20261122T021500Z-7f3a2c 20261123T021500Z-0b1c2d",
)
@click.argument("runs", metavar="[[EARLIER] LATER]", nargs=-1, shell_complete=completing.runs)
@options.form(("text", "json"))
@options.state
def diff(runs: tuple[str, ...], *, form: str, **flags: Any) -> int:
    """Show which tasks drift, drift again, are fixed, fail or are contested in the run LATER and were not in EARLIER.

    Without EARLIER it is the apply of the same policy before LATER, and without both the last two. A part of an id is
    enough.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.wiring import recorded_runs
    from enforcer.core.fold.summary import fold
    from enforcer.core.history.difference import difference
    from enforcer.errors import UsageError
    from enforcer.reports.differences import render

    if len(runs) > 2:
        raise UsageError(f"two runs are compared, not {len(runs)}", hint="enforcer runs diff EARLIER LATER")
    home = flagged.home(flags)
    both = runs if len(runs) == 2 else recorded_runs.pair(home, *(runs or (None,)))
    earlier, later = (fold(recorded_runs.events(home, run)) for run in both)
    screen.show_as(form, [render(difference(earlier, later), form)])
    return 0
