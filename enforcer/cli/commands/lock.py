"""`enforcer lock`: who may change which project at the moment."""

from typing import Any

from enforcer.cli.flags import helping, options
from enforcer.cli.terminal import screen


@helping.command(
    "lock",
    exits=helping.RECORDS,
    example="enforcer lock --format json",
)
@options.form(("text", "json"))
@options.state
def command(*, form: str, **flags: Any) -> int:
    """Show the lock of each project that runs have changed: who has it, and whether it is really held.

    Whether it is held is the kernel's word. A lock frees itself when its process ends, however it ends, so
    there is nothing to break and no file to delete.
    """
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import rows
    from enforcer.cli.wiring import project_locks

    found = project_locks.states(flagged.home(flags))
    screen.show(rows.locks_json(found) if form == "json" else rows.locks_text(found))
    return 0
