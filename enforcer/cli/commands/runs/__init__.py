"""`enforcer runs`: what was done, any run's report again, and the way on or back from one. One file a command."""

from enforcer.cli.commands.runs.diff import diff
from enforcer.cli.commands.runs.export import export
from enforcer.cli.commands.runs.import_emergency import import_emergency
from enforcer.cli.commands.runs.list import list_runs
from enforcer.cli.commands.runs.report import report
from enforcer.cli.commands.runs.resume import resume
from enforcer.cli.commands.runs.show import show
from enforcer.cli.commands.runs.undo import undo
from enforcer.cli.flags import helping


@helping.group(
    "runs",
    example="enforcer runs report 20261123T021500Z-7f3a2c --format markdown",
)
def command() -> None:
    """List past runs, print their reports, finish what they left, take them back."""


for each in (list_runs, show, diff, report, resume, undo, export, import_emergency):
    command.add_command(each)
