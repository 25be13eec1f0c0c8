"""`enforcer help`: all that a command says of itself, as its --help-all does."""

import click

from enforcer.cli.flags import helping


@helping.command(
    "help",
    exits=helping.FILES,
    example="enforcer help runs undo",
)
@click.argument("words", metavar="[COMMAND]...", nargs=-1)
@click.pass_context
def command(context: click.Context, words: tuple[str, ...]) -> int:
    """Tell everything about COMMAND, every option with its name in the environment. Without one, list the commands."""
    above = context.find_root()
    found = above.command
    for number, word in enumerate(words, start=1):
        inner = found.get_command(above, word) if isinstance(found, click.Group) else None
        if inner is None:
            raise click.UsageError(f"No such command {' '.join(words[:number])!r}.", context)
        found, above = inner, click.Context(inner, info_name=word, parent=above)
    helping.tell_all(above)
    return 0
