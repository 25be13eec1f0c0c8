"""`enforcer runs`: what was done, and any run's report again."""

from typing import Any

import click

from enforcer.cli import options, screen
from enforcer.cli.commands.plan import FORMATS


@click.group("runs", epilog="Example:  enforcer runs report 20261123T021500Z-7f3a2c --format markdown")
def command() -> None:
    """List past runs and print their reports, from the journal."""


@command.command("list", epilog="Example:  enforcer runs list --format json")
@options.option("--limit", default=20, show_default=True, type=click.IntRange(1), help="How many, newest first.")
@options.form(("text", "json"))
@options.state
def list_runs(*, limit: int, form: str, **flags: Any) -> int:
    """List the runs in the journal, newest first."""
    from enforcer.cli import flagged, tables, wiring

    found = wiring.runs(flagged.state_dir(flags), limit)
    screen.show(tables.runs_json(found) if form == "json" else tables.runs_text(found))
    return 0


@command.command("report", epilog="Example:  enforcer runs report 20261123T021500Z-7f3a2c --format markdown")
@click.argument("run")
@options.form(FORMATS)
@options.state
def report(run: str, *, form: str, **flags: Any) -> int:
    """Print the report of RUN again. A part of its id is enough if no other run has it."""
    from enforcer.cli import flagged, wiring
    from enforcer.core.summary import fold
    from enforcer.reports import render

    screen.show(render(fold(wiring.events(flagged.state_dir(flags), run)), form))
    return 0
