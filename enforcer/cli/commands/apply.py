"""`enforcer apply`: the plan, then the PUTs, then the read-back, every step recorded."""

from pathlib import Path
from typing import Any

import click

from enforcer.cli import options, screen
from enforcer.cli.commands.plan import FORMATS


@click.command("apply", epilog="Example:  enforcer apply policies/nightly.yaml --yes")
@click.argument("policy", type=click.Path())
@click.option("--yes", is_flag=True, envvar="ENFORCER_YES", show_envvar=True, help="Do not ask; for scheduled runs.")
@options.connection
@options.run
@options.option(
    "--settle",
    type=options.DURATION,
    default="20s",
    show_default=True,
    help="How long the read-back waits for a change to show.",
)
@options.terms
@options.option("--report-dir", type=click.Path(), help="Where to write the reports; by default the run's folder.")
@options.form(FORMATS)
@options.log
def command(policy: str, *, yes: bool, form: str, settle: str, report_dir: str | None, **flags: Any) -> int:
    """Make every task as POLICY (a file or a folder) says: plan, change what differs, read it back, report.

    Asks before it changes anything, unless --yes is given.
    """
    from enforcer.cli import applying, conducting, flagged, prompt
    from enforcer.core.quantity import parse_duration
    from enforcer.errors import UsageError
    from enforcer.reports import render

    if not yes and not prompt.is_possible():
        raise UsageError(
            "there is no terminal to ask at, and --yes is not given",
            hint=f"Add --yes for a scheduled run, or look first: enforcer plan {policy}",
        )
    sink = flagged.log(flags)
    terms = flagged.terms(flags)
    errand = conducting.prepare(
        "apply",
        policy,
        flagged.connection(flags),
        flagged.run(flags),
        state_dir=terms.state_dir,
        settle_s=parse_duration(settle),
    )
    folder = Path(report_dir) if report_dir else terms.state_dir / "runs" / errand.run_id
    outcome = applying.apply(errand, terms, sink, report_dir=folder, asks=not yes, colors=flagged.colors(flags))
    screen.show(render(outcome.report, form))
    if outcome.written_to is not None and form == "text":
        screen.show(f"Report  {outcome.written_to / 'report.html'}")
    if outcome.error is not None:
        raise outcome.error
    return outcome.code
