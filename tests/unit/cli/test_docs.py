"""What the documents list is what the code has: exit codes, log events, commands."""

import re
from pathlib import Path

from enforcer.cli.commands import COMMANDS
from enforcer.cli.terminal.logs import LEVELS
from enforcer.errors import MEANING, ExitCode
from enforcer.model.event import EVENTS

DOCS = Path(__file__).parents[3] / "docs"


def rows(name):
    """Return the cells of every row of every table in a document."""
    lines = (DOCS / name).read_text(encoding="utf-8").splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]


def test_the_exit_codes_are_documented_as_they_are():
    documented = [tuple(row) for row in rows("commands.md") if re.fullmatch(r"\d+", row[0])]

    assert documented == [(str(int(code)), code.label, MEANING[code]) for code in ExitCode]


def test_the_log_s_events_are_documented_as_they_are_with_their_levels():
    documented = {row[0].strip("`"): row[1] for row in rows("log.md") if row[0].startswith("`")}

    assert documented == {kind: LEVELS.get(event, "info") for kind, event in EVENTS.items()}


def test_every_command_has_its_place():
    headings = " ".join(re.findall(r"^## (.*)$", (DOCS / "commands.md").read_text(encoding="utf-8"), re.MULTILINE))

    assert [name for name in COMMANDS if not re.search(rf"\b{name}\b", headings)] == []
