"""`enforcer runs resume`: do what a run did not get to."""

from typing import Any

import click

from enforcer.cli.commands.plan import FORMATS
from enforcer.cli.flags import completing, helping, options


@helping.command(
    "resume",
    summary="Do what a run did not get to",
    exits=helping.RUN,
    example="enforcer runs resume 20261123T021500Z-7f3a2c --yes",
)
@click.argument("run", shell_complete=completing.runs)
@options.revisiting
@options.sending
@options.connection
@options.run
@options.terms
@options.form(FORMATS)
@options.log
def resume(run: str, *, form: str, **flags: Any) -> int:
    """Do what RUN planned and did not attempt, or what is known not to have happened.

    Under the limits in force now, and only for tasks that still have the mode that RUN saw. It needs no POLICY and
    no address, since RUN remembers them. Asks before it changes anything, unless --yes is given.
    """
    from enforcer.cli import carrying
    from enforcer.cli.flags import flagged, repeated
    from enforcer.cli.runs import revisiting

    carrying.require_consent(flags, look_first=repeated.here("runs", "report", run))
    sink = flagged.log(flags)
    return carrying.carry(revisiting.resume(flagged.revisit(run, flags)), sink, flags, form=form)
