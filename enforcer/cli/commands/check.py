"""`enforcer check`: is the policy valid? No network."""

import click

from enforcer.cli import screen


@click.command("check", epilog="Example:  enforcer check policies/nightly.yaml")
@click.argument("policy", type=click.Path())
def command(policy: str) -> int:
    """Validate POLICY (a file or a folder) and say what it holds. Every problem is shown at once, exit 65."""
    from enforcer.cli.wiring import load_policy
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
    return ExitCode.OK
