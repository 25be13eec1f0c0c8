"""`enforcer runs list`: which runs there were."""

from typing import Any

import click

from enforcer.cli.flags import helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "list",
    summary="List the last runs, and how drift and changes went",
    exits=helping.RECORDS,
    example="enforcer runs list --format json",
)
@options.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@options.form(("text", "json"))
@options.state
def list_runs(*, limit: int, form: str, **flags: Any) -> int:
    """List the runs in the journal, newest first; on a terminal with the trend of each policy below them."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import rows, trends
    from enforcer.cli.wiring import recorded_runs
    from enforcer.reports.sparkline import BARS

    found = recorded_runs.listed(flagged.home(flags), limit)
    screen.show(rows.runs_json(found) if form == "json" else rows.runs_text(found))
    if form == "text" and (width := screen.width()):
        for lines in trends.trends(found, width=width, ascii_only=not screen.can_say(BARS)):
            screen.show(f"\n{lines}")
    return 0
