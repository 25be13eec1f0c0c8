"""`enforcer apply`: the plan, then the PUTs, then the read-back, every step recorded."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from enforcer.cli.commands.plan import FORMATS
from enforcer.cli.flags import helping, options, values

if TYPE_CHECKING:
    from enforcer.cli.runs.errands import Errand


@helping.command(
    "apply",
    exits=helping.RUN,
    example="enforcer apply policies/nightly.yaml --yes",
)
@click.argument("policy", metavar="POLICY|PLAN.json", type=values.PATH)
@options.connection
@options.run
@options.shard
@options.sending
@options.option(
    "--on-moved",
    type=click.Choice(("skip", "fail")),
    help="Only with PLAN.json: what becomes of it if something has moved since it was made. By default what moved is "
    "skipped; fail: nothing is sent.",
)
@options.option(
    "--accept-age",
    type=values.DURATION,
    help="Only with PLAN.json: how old it may be; 1h without this.",
)
@options.option(
    "--metrics-file",
    group="reports",
    type=values.PATH,
    help="Write metrics there, for node_exporter's textfile collector: *.prom, whole or not at all.",
)
@options.receivers
@options.terms
@options.form(FORMATS)
@options.log
def command(policy: str, *, form: str, metrics_file: str | None, **flags: Any) -> int:
    """Make every task as POLICY (a file or a folder) says: plan, change what differs, read it back, report.

    Asks before it changes anything, unless --yes is given. PLAN.json, which `plan -o` saved, was reviewed: it is
    carried out without a question, as far as it still holds.
    """
    from enforcer.cli import carrying
    from enforcer.cli.flags import flagged, repeated
    from enforcer.cli.runs import saving

    flags["yes"] = flags["yes"] or saving.is_plan(policy)
    carrying.require_consent(flags, look_first=repeated.plan_of(policy, flags["only"]))
    sink = flagged.log(flags)
    return carrying.carry(
        _errand(policy, flags), sink, flags, form=form, metrics_file=metrics_file, receivers=flagged.receivers(flags)
    )


def _errand(path: str, flags: Mapping[str, Any]) -> "Errand":
    """Return the run that *path*, a policy or a saved plan, asks for."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.runs import errands, saving
    from enforcer.core.planning.validity import MAX_AGE_S
    from enforcer.core.text.quantity import parse_duration
    from enforcer.errors import UsageError
    from enforcer.model.savedplan import OnMoved

    connection, options = flagged.connection(flags), flagged.run(flags)
    home, settle_s = flagged.home(flags), parse_duration(flags["settle"])
    on_moved, accept_age = flags["on_moved"], flags["accept_age"]
    if saving.is_plan(path):
        return saving.prepare(
            path,
            connection,
            options,
            home=home,
            settle_s=settle_s,
            on_moved=OnMoved(on_moved or OnMoved.SKIP),
            max_age_s=parse_duration(accept_age) if accept_age else MAX_AGE_S,
        )
    if on_moved or accept_age:
        raise UsageError(
            f"--on-moved and --accept-age are about saved plans, and {path} is a policy",
            hint="The name of a saved plan ends with .json.",
        )
    return errands.prepare("apply", path, connection, options, home=home, settle_s=settle_s)
