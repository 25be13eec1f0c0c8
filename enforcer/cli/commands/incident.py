"""`enforcer incident`: tasks manual now, the nightly run kept from undoing that, and an orderly way back."""

from typing import Any

import click

from enforcer.cli.commands.plan import FORMATS
from enforcer.cli.flags import completing, helping, options, values
from enforcer.cli.terminal import screen

_START = "enforcer incident start INC-4211 policies/nightly.yaml --match 'pay-*' --for 6h --reason 'Source CPU at 95 %'"


@helping.group("incident", example=_START)
def command() -> None:
    """Make tasks manual at once, keep every run from undoing that, and bring the modes back when it is over."""


@command.command(
    "start", short_help="Make tasks manual now, and hold them there", exits=helping.RUN, epilog=f"Example: {_START}"
)
@click.argument("incident", type=values.NAME)
@click.argument("policy", type=values.PATH)
@options.option(
    "--match",
    "patterns",
    multiple=True,
    required=True,
    type=values.PATTERN,
    metavar="GLOB",
    help="The tasks, by id or name; can be repeated.",
)
@options.expiry
@options.option("--reason", required=True, help="Why, in 10 characters or more; reports repeat it.")
@options.option("--ticket", help="Where there is more about it.")
@options.option(
    "--mode",
    type=click.Choice(["manual", "leave"]),
    default="manual",
    show_default=True,
    help="leave: set nothing, and let nobody set anything.",
)
@options.connection
@options.pace
@options.notify
@options.terms
@options.log
def start(incident: str, policy: str, patterns: tuple[str, ...], **flags: Any) -> int:
    """Make the tasks of POLICY that GLOB matches manual at once, and hold them there. INCIDENT is a name for it.

    Asks nothing, and passes budgets, waves and freeze; never the rate, the journal or the lock. A run that is under
    way is asked to stop, and finishes what is in flight first; that is waited for, for 5 minutes unless --lock-timeout
    says otherwise. From then on every run leaves these tasks so until the incident ends or expires. A second start of
    the same name shows the first and changes nothing.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.overrides import incidents
    from enforcer.cli.tables import incident_tables
    from enforcer.errors import UsageError
    from enforcer.run.clock import utc_now

    sink = flagged.log(flags)
    home = flagged.home(flags)
    found = incidents.find(home, incident)
    if found is None:
        errand, override = incidents.prepare(incident, policy, patterns, flags, home)
        if incidents.hold(override, flagged.terms(flags)):
            return incidents.start(errand, override, sink, flags)
        found = incidents.get(home, incident)
    now = utc_now()
    screen.show(incident_tables.already(found.override, found, now))
    if not found.override.is_in_force(now):
        raise UsageError("nothing is held", hint=f"Start it under another name, like {incident}-2.")
    return 0


@command.command(
    "status",
    short_help="Show what an incident set, and what has changed since",
    exits=helping.STATUS,
    epilog="Example: enforcer incident status INC-4211",
)
@click.argument("incident", required=False, shell_complete=completing.incidents)
@options.connection
@options.form(("text", "json"))
@options.state
@options.log
def status(incident: str | None, *, form: str, **flags: Any) -> int:
    """Show what INCIDENT set, what has changed since, and by whom as far as the journal tells.

    Lists its tasks to see; needs no POLICY, since the incident remembers it. Without INCIDENT: the one in force.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups.listing import NotListedError
    from enforcer.cli.overrides import incidents
    from enforcer.cli.tables import incident_tables
    from enforcer.errors import ConfigError, ExitCode
    from enforcer.run.clock import utc_now

    sink = flagged.log(flags)
    home = flagged.home(flags)
    found = incidents.get(home, incident or incidents.only_one(home))
    try:
        state = incidents.look(found, flags, home, sink)
        why_not = "its run did not come to begin"
    except (ConfigError, NotListedError) as wrong:
        state, why_not = None, wrong.message
    now = utc_now()
    if form == "json":
        screen.show(incident_tables.status_json(found, state, now))
    elif state is None:
        screen.show(incident_tables.unlooked(found, why_not, now))
    else:
        screen.show(incident_tables.status(found, state, now))
    return ExitCode.PARTIAL if state is None else ExitCode.OK


@command.command(
    "end",
    short_help="Let runs follow the policy again, and restore modes",
    exits=helping.RUN,
    epilog="Example: enforcer incident end INC-4211 --restore",
)
@click.argument("incident", shell_complete=completing.incidents)
@options.option(
    "--restore", is_flag=True, help="Bring back the modes from before it, where they are still as it set them."
)
@options.revisiting
@options.sending
@options.connection
@options.run
@options.terms
@options.form(FORMATS)
@options.log
def end(incident: str, *, restore: bool, form: str, **flags: Any) -> int:
    """End INCIDENT: from now on runs follow the policy again.

    With --restore, also set its tasks back to their modes before, by a run like any other: planned, limited, in
    waves, and only where the mode is still what the incident set; the others are listed. It needs no POLICY and no
    address, since the incident remembers them, and asks before it ends or sends anything, unless --yes is given. If
    the answer is no, or a guard refuses, the incident stays as it is.
    """
    from msgspec.structs import replace

    from enforcer.cli import carrying
    from enforcer.cli.flags import flagged, repeated
    from enforcer.cli.overrides import incidents
    from enforcer.cli.runs import revisiting

    home = flagged.home(flags)
    found = incidents.get(home, incident)
    if restore:
        carrying.require_consent(flags, look_first=repeated.here("incident", "status", incident))
    sink = flagged.log(flags)
    ending = incidents.Ending(found.override, flagged.terms(flags))
    if not restore or found.report is None:
        ending.end()
        screen.note(ending.said)
        return 0
    # What is wrong with the way back is found before anything is ended.
    errand = revisiting.undo(flagged.revisit(found.report.run_id, flags, lifting=incident))
    code: int | None = None
    try:
        code = carrying.carry(replace(errand, agreed=ending.end), sink, flags, form=form)
        if code == 0:
            ending.end()  # nobody was asked where there was nothing to send
    finally:
        screen.note(ending.said)
        if code != 0:
            screen.note(f"To try the way back again: {repeated.here('incident', 'end', incident, '--restore')}")
    return code


@command.command(
    "list",
    short_help="List the incidents there were",
    exits=helping.RECORDS,
    epilog="Example: enforcer incident list --format json",
)
@options.form(("text", "json"))
@options.state
def list_incidents(*, form: str, **flags: Any) -> int:
    """List the incidents of the state directory, the newest first."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.overrides import incidents
    from enforcer.cli.tables import incident_tables, override_tables
    from enforcer.run.clock import utc_now

    found, now = incidents.known(flagged.home(flags)), utc_now()
    screen.show(override_tables.as_json(found, now) if form == "json" else incident_tables.list_text(found, now))
    return 0
