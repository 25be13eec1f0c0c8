"""`enforcer runs list`: which runs there were."""

from typing import Any

import click

from enforcer.cli import options, screen


@click.command("list", epilog="Example:  enforcer runs list --format json")
@options.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@options.form(("text", "json"))
@options.state
def list_runs(*, limit: int, form: str, **flags: Any) -> int:
    """List the runs in the journal, newest first."""
    from enforcer.cli import flagged, tables, wiring

    found = wiring.runs(flagged.state_dir(flags), limit)
    screen.show(tables.runs_json(found) if form == "json" else tables.runs_text(found))
    return 0
