"""`enforcer runs undo`: back to the modes before a run."""

from typing import Any

import click

from enforcer.cli.commands.plan import FORMATS
from enforcer.cli.flags import completing, helping, options


@helping.command(
    "undo",
    summary="Set what a run changed back to the modes before",
    exits=helping.RUN,
    example="enforcer runs undo 20261123T021500Z-7f3a2c --only 'pay-*'",
)
@click.argument("run", shell_complete=completing.runs)
@options.revisiting
@options.sending
@options.connection
@options.run
@options.terms
@options.form(FORMATS)
@options.log
def undo(run: str, *, form: str, **flags: Any) -> int:
    """Set every task that RUN changed back to its mode before, unless it has changed again since.

    It is a run like any other: planned, limited, recorded, and undone in the same way. It needs no POLICY and no
    address, since RUN remembers them. Asks before it changes anything, unless --yes is given.
    """
    from enforcer.cli import carrying
    from enforcer.cli.flags import flagged, repeated
    from enforcer.cli.runs import revisiting

    carrying.require_consent(flags, look_first=repeated.here("runs", "report", run))
    sink = flagged.log(flags)
    return carrying.carry(revisiting.undo(flagged.revisit(run, flags)), sink, flags, form=form)
