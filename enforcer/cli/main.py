"""The entry point: it finds the command, and turns whatever ends it into an exit code and a message."""

import importlib
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import click

from enforcer import __version__
from enforcer.cli.commands import COMMANDS
from enforcer.cli.flags import helping
from enforcer.cli.terminal import screen, signals
from enforcer.errors import EnforcerError, ExitCode

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_INTERRUPTED = "interrupted: nothing more is done"


@contextmanager
def _unread() -> Iterator[None]:
    """End the command well if nobody reads what click prints, and only then.

    click itself takes every broken pipe for that, and leaves with 1, past everybody here.
    """
    try:
        yield
    except OSError as failed:
        if not screen.lose(failed):
            raise RuntimeError("the system failed where nobody expected it") from failed
        raise click.exceptions.Exit(ExitCode.OK) from None


class _Commands(click.Group):
    """Imports a command only when it is asked for, so that --help and check stay quick."""

    def make_context(self, *arguments: Any, **details: Any) -> click.Context:
        with _unread():
            return super().make_context(*arguments, **details)

    def invoke(self, ctx: click.Context) -> Any:
        with _unread():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = importlib.import_module(f"enforcer.cli.commands.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that *args* begin with; say which was meant, as click does of those that it has loaded."""
        if args[0] not in COMMANDS and args[0][:1] != "-" and not ctx.resilient_parsing:
            from difflib import get_close_matches

            near = get_close_matches(args[0], COMMANDS, n=1)
            ctx.fail(f"No such command {args[0]!r}." + (f" Did you mean {near[0]!r}?" if near else ""))
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl(tuple(COMMANDS.items()))

    def shell_complete(self, ctx: click.Context, incomplete: str) -> "list[CompletionItem]":
        from click.shell_completion import CompletionItem

        fitting = [CompletionItem(name, help=said) for name, said in COMMANDS.items() if name.startswith(incomplete)]
        return [*fitting, *click.Command.shell_complete(self, ctx, incomplete)]

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        helping.exit_codes(formatter)


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, "--version", prog_name="enforcer", message="%(prog)s %(version)s")
def cli() -> None:
    """Keep the reconnect mode of Huawei Cloud DCS migration tasks as a policy says.

    \b
    See it work:        enforcer demo
    See what is wrong:  enforcer plan policies/nightly.yaml
    Make it right:      enforcer apply policies/nightly.yaml
    """


def _leave_no_core() -> None:
    """See to it that a crash writes no copy of the memory, which has the keys in it, to a disk."""
    with suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _bug() -> ExitCode:
    """Show the exception that is being handled with its traceback; a bug has an exit code of its own."""
    import traceback

    screen.note(traceback.format_exc().rstrip())
    screen.note("error: this is a bug in enforcer. Please report it with the lines above.")
    return ExitCode.SOFTWARE


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that *argv* names (without the program's name) and return its exit code."""
    _leave_no_core()
    screen.prepare()
    try:
        code = cli.main(args=None if argv is None else list(argv), prog_name="enforcer", standalone_mode=False)
    except click.exceptions.Exit as ended:
        code = ended.exit_code
    except click.ClickException as wrong:
        with suppress(OSError):  # whether anybody reads it or not
            wrong.show()
        # click's own exit status is 2, which would read as drift.
        code = ExitCode.USAGE
    except (click.Abort, KeyboardInterrupt):
        screen.note(_INTERRUPTED)
        code = ExitCode.SIGINT
    except signals.Ended as ended:
        screen.note(_INTERRUPTED)
        code = ended.code
    except EnforcerError as error:
        screen.complain(error)
        code = error.exit_code
    except Exception:  # noqa: BLE001 - the last resort
        code = _bug()
    screen.close()
    if screen.lost():
        screen.note(f"error: the output is not complete, it could not be written: {screen.lost()}")
        code = code or ExitCode.IO
    return int(code or 0)


if __name__ == "__main__":
    sys.exit(main())
