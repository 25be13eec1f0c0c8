"""`enforcer check`: is the policy valid? No network."""

from typing import Any

import click

from enforcer.cli import options, screen


@click.command("check", epilog="Example:  enforcer check policies/nightly.yaml")
@click.argument("policy", type=click.Path())
@options.state
def command(policy: str, **flags: Any) -> int:
    """Validate POLICY (a file or a folder) and say what it holds. Every problem is shown at once, exit 65.

    Shows the overrides, too, that plan and apply would honour now: the policy's and those of the state directory.
    """
    from enforcer.cli import flagged, in_force, override_tables
    from enforcer.cli.wiring import load_policy
    from enforcer.core.moment import time_text
    from enforcer.core.visible import visible
    from enforcer.errors import ExitCode
    from enforcer.run.clock import utc_now

    found = load_policy(policy)
    now = utc_now()
    targets = ", ".join(target.name for target in found.targets) or "the one that flags or environment describe"
    screen.show(f"{policy}: ok. {found.name}: {len(found.rules)} rules, default {found.default}, targets: {targets}.")
    for rule in found.rules:
        if rule.expires is not None and rule.expires <= now:
            screen.show(
                f"{visible(str(rule.origin), 1000)}: rule {rule.id} expired at {rule.expires:%Y-%m-%dT%H:%M:%SZ} "
                "and no longer matches"
            )
    for override in found.overrides:
        if not override.is_in_force(now):
            screen.show(
                f"{visible(str(override.origin), 1000)}: override {override.id} expired at "
                f"{time_text(override.expires)} and no longer holds"
            )
    for override in in_force.overrides(found, flagged.state_dir(flags)).in_force(now):
        screen.show(override_tables.in_short(override, now))
    return ExitCode.OK
