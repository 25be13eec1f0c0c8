"""`enforcer doctor`: would a run get through, and if not, what is in its way."""

from typing import Any

import click

from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen


@helping.command(
    "doctor",
    exits=helping.LISTING,
    example="enforcer doctor policies/nightly.yaml --format json",
)
@click.argument("policy", type=values.PATH, required=False)
@options.connection
@options.journal
@options.option("--try-notify", is_flag=True, help="Send a message to each service of ENFORCER_NOTIFY_URLS.")
@options.form(("text", "json"))
def command(policy: str | None, *, try_notify: bool, form: str, **flags: Any) -> int:
    """Look at everything that a run needs: each line is ok, or says what to do.

    That is the state directory, the last run, the credentials, and for each target of POLICY the proxy, the project,
    the endpoint, TLS, the clock and the permissions. Without POLICY it is the one target that flags and environment
    describe. It sends a few GETs, never a PUT, and records nothing. Nobody is notified unless --try-notify is given.
    """
    import os

    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import checkup, listing, place_checkup
    from enforcer.cli.runs import conducting
    from enforcer.cli.tables import diagnoses
    from enforcer.cli.terminal import running
    from enforcer.core.fold.verdict import gravest
    from enforcer.run.stopping import Interrupted, Stop

    rules = listing.policy_of(policy)
    now = conducting.wall_clock()
    home = flagged.home(flags)
    found = list(checkup.of_this_machine(home, now, any_file_system=flags["unsafe_state_fs"]))
    found.extend(checkup.notification(rules.notify, os.environ, is_tried=try_notify))
    ready = checkup.places_of(flagged.connection(flags), rules)
    stopped: list[int] = []
    if isinstance(ready, diagnoses.Diagnosis):
        found.append(ready)
    else:
        cloud, places = ready
        found.append(checkup.credentials(cloud, now))

        async def visit(stop: Stop) -> None:
            try:
                async with stop.interrupts():
                    for place in places:
                        found.extend([each async for each in place_checkup.diagnoses(cloud, place)])
            except Interrupted:
                stopped.extend([stop.cause.exit_code] if stop.cause else [])

        running.run(visit)
    screen.show(diagnoses.as_json(found) if form == "json" else diagnoses.as_text(found))
    return gravest([*stopped, *(each.exit_code for each in found)])
