"""What a command says of itself: `--help` is one screen, with an example and its exit codes; `--help-all` is all of it.

Options that many commands share stand together in groups. One screen has their names only, since who looks for the
address of a proxy looks for it once.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final

import click

from enforcer.errors import MEANING, ExitCode

_GROUPS: Final[Mapping[str, str]] = {
    "place": "Where, as whom",
    "pace": "How fast",
    "reports": "Reports",
    "state": "State and lock",
    "log": "Log",
    "delays": "Limits, delays",
    "faults": "Faults",
    "keys": "Keys",
}
"""The groups by their names, in their order, and what each is about."""
_COLUMN: Final = 28
"""Characters of an option and its value beside which its text still stands."""

_BY_SIGNAL: Final = (ExitCode.SIGINT, ExitCode.SIGTERM)
FILES: Final = (ExitCode.OK, ExitCode.USAGE, ExitCode.DATA, ExitCode.SOFTWARE, ExitCode.IO, *_BY_SIGNAL)
"""How a command may end that asks nobody, and reads and writes files."""
RECORDS: Final = tuple(sorted({*FILES, ExitCode.CONFIG}))
"""How one of these may end that looks into the journal, which may be on a server."""
COMPARING: Final = tuple(sorted({*FILES, ExitCode.DRIFT}))
"""How one of these may end that tells by its exit code whether something would change."""
LISTING: Final = tuple(
    sorted({*FILES, ExitCode.ABORTED, ExitCode.UNAVAILABLE, ExitCode.PROTOCOL, ExitCode.DENIED, ExitCode.CONFIG})
)
"""How a command may end that lists tasks."""
STATUS: Final = tuple(sorted({*LISTING, ExitCode.PARTIAL}))
"""How one of these may end that has something to say without a list."""
EXCEPTION: Final = tuple(sorted({*LISTING, ExitCode.REFUSED}))
"""How one of these may end that makes or moves an override."""
RUN: Final = tuple(sorted({*LISTING, ExitCode.PARTIAL, ExitCode.REFUSED, ExitCode.BUSY}))
"""How a command may end that sends changes."""
PLAN: Final = tuple(sorted({*RUN, ExitCode.DRIFT} - {ExitCode.BUSY}))
"""How it may end that only shows them."""


class Option(click.Option):
    """An option that may be one of a group."""

    def __init__(self, *arguments: Any, group: str | None = None, **details: Any) -> None:
        super().__init__(*arguments, **details)
        self.group = group

    def in_short(self, context: click.Context) -> tuple[str, str]:
        """Return the option with its value, and the first thing there is to say of it."""
        names, _ = self.get_help_record(context) or ("", "")
        said = re.split(r"(?<=[.;]) ", self.help or "", maxsplit=1)[0].rstrip(".;")
        is_default_told = self.show_default and self.default is not None and not self.is_flag
        return names, f"{said} ({self.default})." if is_default_told else f"{said}."


class Command(click.Command):
    """A command with the exit codes that it may end with, and an example."""

    def __init__(self, *arguments: Any, exits: Sequence[ExitCode] = (), **details: Any) -> None:
        super().__init__(*arguments, **details)
        self.exits = tuple(exits)
        self._help_all = click.Option(
            ["--help-all"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=self._show_all,
            help="Show every option, with its name in the environment, and exit.",
        )

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        *own, last = super().get_params(ctx)
        return [*own, self._help_all, last]

    def _show_all(self, context: click.Context, _: click.Parameter, is_asked: bool) -> None:  # noqa: FBT001 - click's
        if is_asked and not context.resilient_parsing:
            tell_all(context)
            context.exit()

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        own, shared = self._sorted(ctx)
        if ctx.meta.get(__name__):
            for title, several in {"Options": own, **shared}.items():
                with formatter.section(title):
                    formatter.write_dl([record for each in several if (record := each.get_help_record(ctx))])
            return
        with formatter.section("Options"):
            formatter.write_dl([_in_short(each, ctx) for each in own], col_max=_COLUMN)
        if shared:
            with formatter.section("More options, which --help-all explains"):
                formatter.write_dl(
                    [(title, " ".join(each.opts[0] for each in several)) for title, several in shared.items()]
                )

    def _sorted(self, context: click.Context) -> tuple[list[click.Option], dict[str, list[click.Option]]]:
        """Return the command's own options, and the others by the title of their group."""
        options = [each for each in self.get_params(context) if isinstance(each, click.Option) and not each.hidden]
        grouped = {
            title: [each for each in options if getattr(each, "group", None) == group]
            for group, title in _GROUPS.items()
        }
        own = [each for each in options if getattr(each, "group", None) is None]
        return own, {title: several for title, several in grouped.items() if several}

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        formatter.write_paragraph()
        codes = ", ".join(f"{int(code)} {code.label}" for code in self.exits if code not in _BY_SIGNAL)
        formatter.write_text(f"Exit codes: {codes}; 130, 143 interrupted. `enforcer --help` says what each means.")
        formatter.write_paragraph()
        for line in _folded(self.epilog or "", formatter.width):
            formatter.write(f"{line}\n")


class Group(click.Group):
    """A command of commands."""

    command_class = Command

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        formatter.write_paragraph()
        formatter.write_text("`--help` behind one of them tells its options and exit codes.")
        formatter.write_paragraph()
        for line in _folded(self.epilog or "", formatter.width):
            formatter.write(f"{line}\n")


def command(
    name: str, *, summary: str | None = None, exits: Sequence[ExitCode], example: str
) -> Callable[[Callable[..., Any]], Command]:
    """Return a decorator that makes a command of a function.

    *summary* is its line in the list of its group's commands, *exits* how it may end, *example* a line that can be
    typed. Those that are in no group have their lines in `COMMANDS`.
    """
    return click.command(name, cls=Command, short_help=summary, exits=exits, epilog=f"Example: {example}")


def group(name: str, *, example: str) -> Callable[[Callable[..., Any]], Group]:
    """Return a decorator that makes a command of commands of a function, with an *example* as `command` has."""
    return click.group(name, cls=Group, epilog=f"Example: {example}")


def tell_all(context: click.Context) -> None:
    """Print all that the command of *context* says of itself."""
    context.meta[__name__] = True
    click.echo(context.get_help())


def exit_codes(formatter: click.HelpFormatter) -> None:
    """Write the table of exit codes."""
    with formatter.section("Exit codes"):
        formatter.write_dl([(f"{int(code):>3}", MEANING[code]) for code in ExitCode])


def _in_short(option: click.Option, context: click.Context) -> tuple[str, str]:
    if isinstance(option, Option):
        return option.in_short(context)
    return option.get_help_record(context) or ("", "")


def _folded(line: str, width: int) -> Iterator[str]:
    """Yield the command *line* in lines of at most *width* characters, as a shell takes them."""
    folded = ""
    for word in re.findall(r"(?:'[^']*'|\"[^\"]*\"|\S)+", line):
        if folded and len(folded) + len(word) + 3 > width:
            yield f"{folded} \\"
            folded = f"    {word}"
        else:
            folded = f"{folded} {word}" if folded else word
    yield folded
