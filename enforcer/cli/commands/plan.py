"""`enforcer plan`: list, decide, show; no PUT, no record."""

from typing import Any

import click

from enforcer import reports
from enforcer.cli import options, screen

FORMATS = tuple(reports.FORMATS)


@click.command("plan", epilog="Example:  enforcer plan policies/nightly.yaml --only 'pay-*'")
@click.argument("policy", type=click.Path())
@options.connection
@options.run
@options.state
@options.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to change.")
@options.form(FORMATS)
@options.log
def command(policy: str, *, detailed_exitcode: bool, form: str, **flags: Any) -> int:
    """Show what would change under POLICY (a file or a folder), and why. Sends no PUT and records nothing."""
    from enforcer.cli import conducting, flagged, progress, running
    from enforcer.core.summary import fold
    from enforcer.errors import ExitCode
    from enforcer.run.enforce import plan
    from enforcer.run.recording import Memory, Recorder

    sink = flagged.log(flags)
    errand = conducting.prepare(
        "plan", policy, flagged.connection(flags), flagged.run(flags), state_dir=flagged.state_dir(flags)
    )
    memory = Memory()
    with progress.display(colors=flagged.colors(flags)) as display:
        recorder = Recorder(memory, (display, sink), conducting.wall_clock)
        running.run(
            lambda stop: conducting.carry_out(
                errand, recorder, stop, lambda sites, conduct: plan(sites, errand.wish(), conduct)
            )
        )
        code = conducting.finish(recorder, memory.entries)
    report = fold(memory.entries)
    screen.show(reports.render(report, form))
    if detailed_exitcode and code is ExitCode.OK and report.totals.planned:
        return ExitCode.DRIFT
    return code
