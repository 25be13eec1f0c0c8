"""`enforcer plan`: list, decide, show; no PUT, no record."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from enforcer import reports
from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen

if TYPE_CHECKING:
    from enforcer.run.site import Conduct, Site

FORMATS = tuple(reports.FORMATS)


@helping.command(
    "plan",
    exits=helping.PLAN,
    example="enforcer plan policies/nightly.yaml --only 'pay-*'",
)
@click.argument("policy", type=values.PATH)
@options.connection
@options.run
@options.shard
@options.state
@options.option(
    "--output",
    "-o",
    type=values.PATH,
    metavar="FILE.json",
    help="Save the plan, so that `apply FILE.json` does just that.",
)
@options.option("--detailed-exitcode", is_flag=True, help="Exit 2 if there is something to change.")
@options.form(FORMATS)
@options.log
def command(policy: str, *, output: str | None, detailed_exitcode: bool, form: str, **flags: Any) -> int:
    """Show what would change under POLICY (a file or a folder), and why. Sends no PUT and records nothing."""
    from enforcer.cli.flags import flagged, repeated
    from enforcer.cli.runs import conducting, errands, saving
    from enforcer.cli.terminal import progress, running
    from enforcer.core.admission.guards import Verdict
    from enforcer.core.fold.summary import Summary
    from enforcer.errors import ExitCode, UsageError
    from enforcer.run.enforce import plan
    from enforcer.run.recording import Recorder, Unrecorded

    if output is not None:
        saving.check_name(output)
        if flags["shard"]:
            raise UsageError(
                "--shard and --output exclude each other: a saved plan is whole",
                hint="Save it without --shard, and give --shard to each `enforcer apply PLAN.json`.",
            )
    sink = flagged.log(flags)
    errand = errands.prepare("plan", policy, flagged.connection(flags), flagged.run(flags), home=flagged.home(flags))
    account = Summary()
    verdicts: list[Verdict] = []

    async def work(sites: "Sequence[Site]", conduct: "Conduct") -> None:
        verdicts.append(await plan(sites, errand.wish(), conduct))

    with progress.display(sink, colors=flagged.colors(flags)) as display:
        recorder = Recorder(Unrecorded(), (account, display, sink), conducting.wall_clock)
        running.run(lambda stop: conducting.carry_out(errand, recorder, stop, work))
        code = conducting.finish(recorder, account)
    report = account.report()
    screen.show_as(form, reports.pieces(report, form))
    if output is not None:
        changes = saving.save(output, errand, verdicts[0] if verdicts else None, report)
        make_them = repeated.here("apply", output, more=report.flags)
        screen.note(
            "No plan is saved, as no target was listed."
            if changes is None
            else f"Saved {changes} changes in {output}.  To make them: {make_them}"
        )
    if detailed_exitcode and code is ExitCode.OK and report.totals.planned:
        return ExitCode.DRIFT
    return code
