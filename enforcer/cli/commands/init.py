"""`enforcer init`: a starter policy from the tasks that there are, whose first plan is empty."""

from typing import Any

from enforcer.cli.flags import helping, options, values
from enforcer.cli.terminal import screen


@helping.command(
    "init",
    exits=helping.LISTING,
    example="enforcer init -o policies/mine.yaml",
)
@options.option(
    "--output", "-o", type=values.PATH, metavar="FILE", help="Write it to this file, which must not exist yet."
)
@options.option("--inventory", type=values.PATH, metavar="FILE", help="Go by what `tasks -o` wrote, not by the API.")
@options.connection
@options.state
@options.log
def command(*, output: str | None, inventory: str | None, **flags: Any) -> int:
    """Print a commented policy that says of every family of tasks what it is already."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.lookups import beginning

    text = beginning.policy(flags, inventory, sink=flagged.log(flags))
    if output is None:
        screen.show(text)
    else:
        beginning.write_new(output, text)
        screen.note(f"{output} written. Next: enforcer check {output}; enforcer plan {output}")
    return 0
