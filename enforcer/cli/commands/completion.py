"""`enforcer completion`: the script by which a shell completes what is typed after `enforcer`."""

import click

from enforcer.cli.flags import helping
from enforcer.cli.terminal import screen

SHELLS = ("bash", "zsh", "fish")


@helping.command(
    "completion",
    exits=helping.FILES,
    example='eval "$(enforcer completion bash)"',
)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print a script for SHELL that completes commands, options, targets and rules, and the ids of runs, tasks
    and overrides.

    \b
    bash  in ~/.bashrc:                 eval "$(enforcer completion bash)"
    zsh   in ~/.zshrc, after compinit:  eval "$(enforcer completion zsh)"
    fish  once: enforcer completion fish >~/.config/fish/completions/enforcer.fish
    """
    from click.shell_completion import get_completion_class

    from enforcer.cli.main import cli

    completer = get_completion_class(shell)
    if completer is not None:
        screen.show(completer(cli, {}, "enforcer", "_ENFORCER_COMPLETE").source())
    return 0
