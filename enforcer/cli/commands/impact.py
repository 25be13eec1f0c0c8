"""`enforcer impact`: what an edit of a policy changes for the tasks that there are, apart from drift."""

from typing import Any

import click

from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen
from enforcer.reports import impact as formats


@helping.command(
    "impact",
    exits=helping.COMPARING,
    example="enforcer impact old.yaml new.yaml --inventory inventory.json --format markdown",
)
@click.argument("old", type=values.PATH)
@click.argument("new", type=values.PATH)
@options.option("--inventory", type=values.PATH, metavar="FILE", required=True, help="What `enforcer tasks -o` wrote.")
@options.form(tuple(formats.FORMATS))
@options.state
def command(old: str, new: str, *, inventory: str, form: str, **flags: Any) -> int:
    """Compare what OLD and NEW, two versions of a policy, decide for the tasks of an inventory. No network.

    Exit 2 if the edit moves a task to auto, the direction that can start full synchronisations.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import inventory_file
    from enforcer.cli.runs import in_force
    from enforcer.cli.wiring.documents import load_policy
    from enforcer.core.authoring.impact import impact
    from enforcer.core.patterns.compiled import CompiledPolicy
    from enforcer.errors import ExitCode
    from enforcer.model.task import ResumeMode
    from enforcer.run.clock import utc_now

    policies = [load_policy(path) for path in (old, new)]
    before, after = ((CompiledPolicy(policy), in_force.overrides(policy, flagged.home(flags))) for policy in policies)
    found = impact(inventory_file.read(inventory).tasks, before, after, utc_now())
    screen.show_as(form, [formats.render(found, form)])
    return ExitCode.DRIFT if found.desiring(ResumeMode.AUTO) else ExitCode.OK
