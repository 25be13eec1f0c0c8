"""`enforcer apply`: the plan, then the PUTs, then the read-back, every step recorded."""

from typing import Any

import click

from enforcer.cli import options
from enforcer.cli.commands.plan import FORMATS


@click.command("apply", epilog="Example:  enforcer apply policies/nightly.yaml --yes")
@click.argument("policy", type=click.Path())
@options.connection
@options.run
@options.sending
@options.terms
@options.form(FORMATS)
@options.log
def command(policy: str, *, form: str, **flags: Any) -> int:
    """Make every task as POLICY (a file or a folder) says: plan, change what differs, read it back, report.

    Asks before it changes anything, unless --yes is given.
    """
    from enforcer.cli import carrying, conducting, flagged
    from enforcer.core.quantity import parse_duration

    carrying.require_consent(flags, look_first=f"enforcer plan {policy}")
    sink = flagged.log(flags)
    errand = conducting.prepare(
        "apply",
        policy,
        flagged.connection(flags),
        flagged.run(flags),
        state_dir=flagged.state_dir(flags),
        settle_s=parse_duration(flags["settle"]),
    )
    return carrying.carry(errand, sink, flags, form=form)
