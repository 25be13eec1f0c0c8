"""`enforcer override`: dated exceptions to the policy, which plan, apply and the nightly run all honour."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from enforcer.cli.flags import completing, helping, options, values
from enforcer.cli.terminal import screen

_POLICY = options.option(
    "--policy", type=values.PATH, help="Whose targets to list, and whose limits.override_max_ttl counts."
)


@helping.group(
    "override",
    example="enforcer override add 'pay-*' --mode manual --for 6h --reason 'INC-4211'",
)
def command() -> None:
    """Add, show and end overrides: exceptions with a reason and an end, which go before every rule."""


@command.command(
    "add",
    short_help="Keep tasks at a mode, or alone, for a while",
    exits=helping.EXCEPTION,
    epilog="Example: enforcer override add 'pay-*' --mode manual --for 6h --reason 'Source CPU at 95 %, INC-4211'",
)
@click.argument("patterns", metavar="GLOB...", nargs=-1, required=True, type=values.PATTERN)
@options.option("--mode", type=click.Choice(["auto", "manual", "leave"]), required=True, help="leave: do not touch.")
@options.expiry
@options.option("--reason", required=True, help="Why, in 10 characters or more; reports repeat it.")
@options.option("--ticket", help="Where there is more about it.")
@_POLICY
@options.option("--yes", is_flag=True, help="Do not ask, however many tasks it is about.")
@options.connection
@options.journal
@options.log
def add(patterns: tuple[str, ...], *, yes: bool, **flags: Any) -> int:
    """Make an exception for the tasks whose id or name GLOB matches, until it expires or is ended.

    It sends nothing. The next plan or apply honours it, the nightly one too. An override to auto still spends the
    budgets. With --target it holds for those targets only.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import listing
    from enforcer.cli.overrides import overriding
    from enforcer.cli.tables import override_tables
    from enforcer.core.overrides import ledger
    from enforcer.run.clock import utc_now

    sink = flagged.log(flags)
    policy = listing.policy_of(flags["policy"])
    override = overriding.new(patterns, flags, utc_now())
    longest_s = policy.limits.override_max_ttl_s
    ledger.check(override, longest_s=longest_s)
    tasks = overriding.listed(override, policy, flags, sink)
    if not yes:
        overriding.confirm(override, tasks)
    _amend(flags, lambda known: [ledger.add(override, (*policy.overrides, *known), tasks, longest_s=longest_s)])
    screen.show(override_tables.added(override, tasks))
    return 0


@command.command(
    "list",
    short_help="List the overrides in force",
    exits=helping.RECORDS,
    epilog="Example: enforcer override list --expired --format json",
)
@options.option("--expired", is_flag=True, help="Those that have expired or were ended, too.")
@options.form(("text", "json"))
@options.state
def list_overrides(*, expired: bool, form: str, **flags: Any) -> int:
    """List the overrides of the state directory that are in force."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import override_tables
    from enforcer.cli.wiring import recorded_overrides
    from enforcer.run.clock import utc_now

    now = utc_now()
    found = [each for each in recorded_overrides.stored(flagged.home(flags)) if expired or each.is_in_force(now)]
    warning = override_tables.clock_note(found, now)
    if warning is not None:
        screen.note(warning)
    screen.show(override_tables.as_json(found, now) if form == "json" else override_tables.as_text(found, now))
    return 0


@command.command(
    "extend",
    short_help="Let an override last longer",
    exits=helping.EXCEPTION,
    epilog="Example: enforcer override extend OVERRIDE --for 12h",
)
@click.argument("override", shell_complete=completing.overrides)
@options.expiry
@_POLICY
@options.journal
def extend(override: str, **flags: Any) -> int:
    """Give OVERRIDE a later end, counted from now. Who did it and when is recorded."""
    from enforcer.cli.lookups import listing
    from enforcer.cli.overrides import overriding
    from enforcer.cli.terminal import author
    from enforcer.core.overrides import ledger
    from enforcer.core.text.moment import time_text
    from enforcer.run.clock import utc_now

    now = utc_now().replace(microsecond=0)
    expires = overriding.expiry(flags, now)
    longest_s = listing.policy_of(flags["policy"]).limits.override_max_ttl_s
    _amend(
        flags,
        lambda known: [ledger.extend(override, expires, known, now=now, by=author.person(), longest_s=longest_s)],
    )
    screen.show(f"Override {override} now holds until {time_text(expires)}.")
    return 0


@command.command(
    "end", short_help="End an override now", exits=helping.RECORDS, epilog="Example: enforcer override end OVERRIDE"
)
@click.argument("override", shell_complete=completing.overrides)
@options.journal
def end(override: str, **flags: Any) -> int:
    """End OVERRIDE now. Who did it and when is recorded; the next run follows the policy again."""
    from enforcer.cli.terminal import author
    from enforcer.core.overrides import ledger
    from enforcer.run.clock import utc_now

    now = utc_now()
    _amend(flags, lambda known: [ledger.end(override, known, now=now, by=author.person())])
    screen.show(f"Override {override} is ended. The next run follows the policy again.")
    return 0


@command.command(
    "export",
    short_help="Print the overrides as JSON",
    exits=helping.RECORDS,
    epilog="Example: enforcer override export > overrides.json",
)
@options.state
def export(**flags: Any) -> int:
    """Print every override of the state directory as JSON, for `override import` on a host that does not share it."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.overrides import exchange
    from enforcer.cli.wiring import recorded_overrides

    screen.show(exchange.document(recorded_overrides.stored(flagged.home(flags))))
    return 0


@command.command(
    "import",
    short_help="Take over overrides that `export` printed",
    exits=helping.EXCEPTION,
    epilog="Example: enforcer override import overrides.json",
)
@click.argument("file", type=click.Path(readable=False, path_type=Path))
@_POLICY
@options.journal
def import_file(file: Path, **flags: Any) -> int:
    """Take over what FILE, written by `override export`, knows of overrides: new ones, ends, later expiries.

    A second import of the same file changes nothing.
    """
    from enforcer.cli.lookups import listing
    from enforcer.cli.overrides import exchange
    from enforcer.cli.terminal import author
    from enforcer.core.overrides.merging import merge
    from enforcer.run.clock import utc_now

    theirs = exchange.read(file)
    now = utc_now()
    longest_s = listing.policy_of(flags["policy"]).limits.override_max_ttl_s
    taken = _amend(flags, lambda known: merge(theirs, known, now=now, by=author.person(), longest_s=longest_s))
    screen.show("\n".join([f"{step.override_id} {step.kind}" for step in taken] or ["Nothing new in it."]))
    return 0


def _amend(flags: Mapping[str, Any], steps: Any) -> Any:
    from enforcer.cli.flags import flagged
    from enforcer.cli.wiring import recorded_overrides

    return recorded_overrides.amend(flagged.home(flags), steps, any_file_system=flags["unsafe_state_fs"])
