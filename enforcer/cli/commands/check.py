"""`enforcer check`: is the policy valid, does it mean what it says, and do its tests pass? No network."""

from typing import Any

import click

from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen
from enforcer.reports import findings


@helping.command(
    "check",
    exits=helping.RECORDS,
    example="enforcer check policies/nightly.yaml --strict",
)
@click.argument("policy", type=values.PATH)
@options.option(
    "--inventory", type=values.PATH, metavar="FILE", help="Judge the rules by the tasks that `tasks -o` wrote."
)
@options.option("--strict", is_flag=True, help="Warnings end with exit 65, too.")
@options.option("--coverage", is_flag=True, help="Show which rules no test of the policy decides.")
@options.option("--effective", is_flag=True, help="Show every value in force and where it came from instead.")
@options.form(tuple(findings.FORMATS))
@options.state
def command(
    policy: str, *, inventory: str | None, strict: bool, coverage: bool, effective: bool, form: str, **flags: Any
) -> int:
    """Validate POLICY (a file or a folder), look for mistakes, and run its tests; with problems, exit 65.

    Shows the overrides, too, that plan and apply would honour now: the policy's and those of the state directory.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import checking
    from enforcer.errors import ExitCode, PolicyError
    from enforcer.model.finding import Severity

    if effective:
        screen.show(checking.effective(policy, form))
        return ExitCode.OK
    try:
        checked = checking.check(policy, inventory)
    except PolicyError as error:
        if form == "text":
            raise
        screen.show(findings.render(checking.invalid(error), form))
        return ExitCode.DATA
    if form == "text":
        screen.show(checking.summary(checked, policy, flagged.home(flags), coverage=coverage))
    else:
        screen.show(findings.render(checked.findings, form))
    fatal = {Severity.ERROR, Severity.WARNING} if strict else {Severity.ERROR}
    return ExitCode.DATA if any(each.code.severity in fatal for each in checked.findings) else ExitCode.OK
