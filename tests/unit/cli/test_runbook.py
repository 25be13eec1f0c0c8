"""The runbook has a place for each exit code and each event, and every command in it is one."""

import re
import shlex
from pathlib import Path

import click
import pytest

from enforcer.cli.main import cli
from enforcer.errors import ExitCode
from enforcer.model.event import EVENTS

TEXT = (Path(__file__).parents[3] / "docs" / "runbook.md").read_text(encoding="utf-8")
SECTIONS = dict(re.findall(r"^#{2,3} (.*)\n((?:(?!##).*\n)*)", TEXT, re.MULTILINE))
COMMANDS = sorted({*re.findall(r"`(enforcer [^`]+)`", TEXT), *re.findall(r"^enforcer .*$", TEXT, re.MULTILINE)})


@pytest.mark.parametrize("code", ExitCode)
def test_each_exit_code_has_its_page(code):
    page = SECTIONS[f"{int(code)} {code.label}"]

    assert re.findall(r"^- \*\*(.*?)\*\*: ", page, re.MULTILINE) == ["On the server", "Run it again", "See", "Do"]


def test_each_event_has_its_place_once():
    rows = re.findall(r"^\| (`[a-z_.]+`(?:, `[a-z_.]+`)*) \| .+ \|$", SECTIONS["Lines of the log"], re.MULTILINE)
    named = [name for row in rows for name in re.findall(r"`(.+?)`", row)]

    assert sorted(named) == sorted(EVENTS)


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_parses(line):
    command: click.Command = cli
    words = shlex.split(line)[1:]
    context = click.Context(cli, info_name="enforcer")
    if words == ["--version"]:
        return
    while isinstance(command, click.Group):
        name = words.pop(0)
        found = command.get_command(context, name)
        assert found is not None, name
        command = found
    if "--help" not in words:
        command.make_context(line, words, resilient_parsing=False)


@pytest.mark.parametrize("anchor", sorted(set(re.findall(r"\]\(#([^)]+)\)", TEXT))))
def test_each_link_inside_leads_to_a_heading(anchor):
    assert anchor in {re.sub(r"[^a-z0-9 -]", "", title.lower()).replace(" ", "-") for title in SECTIONS}
