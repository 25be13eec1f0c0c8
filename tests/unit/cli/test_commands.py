"""The table of commands, and what every command and every flag owes to its reader."""

import re
from importlib import import_module
from pathlib import Path

import click
import pytest

from enforcer.cli import commands
from enforcer.cli.commands import COMMANDS
from enforcer.cli.main import cli
from enforcer.errors import MEANING, ExitCode


def leaves(command, path=()):
    """Yield every command that does something, with the words that name it."""
    if not isinstance(command, click.Group):
        yield path, command
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        yield from leaves(command.get_command(context, name), (*path, name))


LEAVES = [pytest.param(command, id=" ".join(path)) for path, command in leaves(cli)]


def test_every_file_of_the_folder_is_a_command_and_the_other_way_round():
    folder = Path(commands.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    files |= {path.parent.name for path in folder.glob("*/__init__.py")}

    assert {module.rpartition(".")[2] for module in COMMANDS.values()} == files
    assert set(COMMANDS) == {name.replace("_", "-") for name in files}


@pytest.mark.parametrize(("name", "module"), COMMANDS.items())
def test_each_module_has_a_command(name, module):
    assert isinstance(import_module(module).command, click.Command)


@pytest.mark.parametrize("command", LEAVES)
def test_help_says_what_it_does_and_ends_with_an_example(command):
    assert command.help
    assert re.match(r"Examples?:? ", command.epilog or "")


@pytest.mark.parametrize("command", LEAVES)
def test_every_flag_says_what_it_does_and_has_an_environment_name_that_help_shows(command):
    flags = [flag for flag in command.params if isinstance(flag, click.Option)]

    assert [flag.opts for flag in flags if not (flag.help or isinstance(flag.type, click.Choice))] == []
    assert [flag.opts for flag in flags if not (str(flag.envvar).startswith("ENFORCER_") and flag.show_envvar)] == []


@pytest.mark.parametrize("command", LEAVES)
def test_what_cannot_be_read_is_left_to_its_reader_whose_exit_code_says_what_it_is(command):
    paths = [each.type for each in command.params if isinstance(each.type, click.Path)]

    assert not any(path.readable for path in paths)


def test_no_flag_takes_a_secret():
    flags = {name for parameter in LEAVES for flag in parameter.values[0].params for name in flag.opts}

    assert "--endpoint" in flags
    assert [flag for flag in flags if re.search(r"secret|password|token(?!-for)|--[as]k\b", flag)] == []


def test_the_exit_codes_stand_in_help():
    shown = cli.get_help(click.Context(cli, info_name="enforcer", max_content_width=200, terminal_width=200))

    assert [
        code for code in ExitCode if not re.search(rf"^ *{code} +{re.escape(MEANING[code])}", shown, re.MULTILINE)
    ] == []
