"""The table of commands, and what every command and every flag owes to its reader."""

import re
import shlex
from importlib import import_module
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

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


def leaves_by_name():
    return [(" ".join(path), command) for path, command in leaves(cli)]


LEAVES = [pytest.param(command, id=name) for name, command in leaves_by_name()]
SCREENS = [
    pytest.param(words, id=" ".join(words) or "enforcer")
    for words in ((), ("runs",), ("override",), ("incident",), ("contested",), *(path for path, _ in leaves(cli)))
]


def test_every_file_of_the_folder_is_a_command_and_the_other_way_round():
    folder = Path(commands.__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    files |= {path.parent.name for path in folder.glob("*/__init__.py")}

    assert set(COMMANDS) == files


@pytest.mark.parametrize("name", COMMANDS)
def test_each_module_has_a_command(name):
    assert import_module(f"enforcer.cli.commands.{name}").command.name == name


def screen(words, *flags):
    """Return the lines of a command's help, as a terminal of 80 columns shows them."""
    return CliRunner().invoke(cli, [*words, *flags], env={"COLUMNS": "80"}, terminal_width=80).stdout.splitlines()


@pytest.mark.parametrize("words", SCREENS)
def test_help_is_one_screen_with_an_example_and_exit_codes(words):
    lines = screen(words, "--help")
    text = "\n".join(lines)

    assert len(lines) <= (45 if words else 55), "a screen"
    assert max(map(len, lines)) <= 80
    assert "Exit codes:" in text or "tells its options and exit codes" in text
    assert "\nExample: " in text or not words


@pytest.mark.parametrize("command", LEAVES)
def test_each_command_has_a_line_for_the_list_its_exit_codes_and_an_example_that_can_be_typed(
    command, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    Path("apply.log").touch()
    assert command.help
    assert 0 < len(command.short_help or COMMANDS[command.name]) <= 62
    assert {ExitCode.OK, ExitCode.USAGE} <= set(command.exits) <= set(ExitCode)
    example = command.epilog.removeprefix("Example: ")
    words = shlex.split(re.sub(r"^eval \"\$\((.*)\)\"$", r"\1", example).partition(" > ")[0])
    assert words.pop(0) == "enforcer"
    found: click.Command = cli
    while isinstance(found, click.Group):
        found = found.get_command(click.Context(found), words.pop(0)) or command
    assert found is command
    with found.make_context("x", words):
        pass


@pytest.mark.parametrize("command", LEAVES)
def test_every_option_is_named_in_the_screen_and_told_in_all_of_it(command):
    context = click.Context(command, info_name="x", terminal_width=80)
    short = command.get_help(context)
    context.meta["enforcer.cli.flags.helping"] = True
    whole = command.get_help(context)

    for flag in (each for each in command.params if isinstance(each, click.Option)):
        assert re.search(rf"{flag.opts[0]}\b", short)
        assert str(flag.envvar) in whole
    assert "--help-all" in short


def test_an_example_that_is_too_long_for_a_line_is_folded_as_a_shell_takes_it():
    lines = screen(("incident", "start"), "--help")
    at = next(number for number, line in enumerate(lines) if line.startswith("Example: "))
    folded = "\n".join(lines[at:]).removeprefix("Example: ")

    assert len(lines) > at + 1
    assert shlex.split(folded.replace("\\\n", " ")) == shlex.split(
        dict(leaves_by_name())["incident start"].epilog.removeprefix("Example: ")
    )


def test_help_all_tells_what_the_screen_only_names():
    text = " ".join(" ".join(screen(("apply",), "--help-all")).split())

    assert "By default HTTPS_PROXY, minus NO_PROXY. [env var: ENFORCER_PROXY]" in text
    assert "More options" not in text


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


def test_help_is_a_command_too():
    assert screen(("help", "runs", "undo")) == screen(("runs", "undo"), "--help-all")
    assert screen(("help",)) == screen((), "--help")


@pytest.mark.parametrize(
    ("typed", "meant"), [("aply", " Did you mean 'apply'?"), ("incidnet", " Did you mean 'incident'?"), ("x", "")]
)
def test_a_command_that_there_is_not_may_be_one_that_is_meant(typed, meant):
    told = CliRunner().invoke(cli, [typed], standalone_mode=False)

    assert isinstance(told.exception, click.UsageError)
    assert told.exception.message == f"No such command {typed!r}.{meant}"


@pytest.mark.parametrize("words", [("nosuch",), ("runs", "nosuch"), ("plan", "more")])
def test_help_of_what_there_is_not_is_a_usage_error(words):
    told = CliRunner().invoke(cli, ["help", *words], standalone_mode=False)

    assert isinstance(told.exception, click.UsageError)
    assert told.exception.message == f"No such command {' '.join(words)!r}."
