"""`enforcer contested`: tasks that somebody else keeps resetting, and letting enforcer set them again."""

from typing import Any

import click

from enforcer.cli.flags import completing, helping, options
from enforcer.cli.terminal import screen


@helping.group("contested", example="enforcer contested list")
def command() -> None:
    """Show and clear tasks that are left alone because somebody else keeps resetting what enforcer sets."""


@command.command(
    "list",
    short_help="List the contested tasks",
    exits=helping.RECORDS,
    epilog="Example: enforcer contested list --format json",
)
@options.form(("text", "json"))
@options.state
def list_contested(*, form: str, **flags: Any) -> int:
    """List the contested tasks, with the mode that is fought over and the run that found it so."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.tables import rows
    from enforcer.cli.wiring import recorded_tasks

    found = recorded_tasks.contested(flagged.home(flags))
    screen.show(rows.contested_json(found) if form == "json" else rows.contested_text(found))
    return 0


@command.command(
    "clear",
    short_help="Let runs set a contested task again",
    exits=helping.RECORDS,
    epilog="Example: enforcer contested clear 8a7f03c1d2e94f5a8a7f03c1d2e94f5a",
)
@click.argument("task", nargs=-1, required=True, shell_complete=completing.contested)
@options.state
def clear(task: tuple[str, ...], **flags: Any) -> int:
    """Let enforcer set each TASK again, by its whole id; what happened before counts no more."""
    from enforcer.cli.flags import flagged
    from enforcer.cli.terminal import author
    from enforcer.cli.wiring import recorded_tasks
    from enforcer.core.text.visible import visible
    from enforcer.errors import UsageError

    cleared = {each.task_id for each in recorded_tasks.clear_contested(flagged.home(flags), task, author.person())}
    unknown = [each for each in task if each not in cleared]
    for each in sorted(cleared):
        screen.show(f"{visible(each)}: cleared; the next run sets it again.")
    if unknown:
        raise UsageError(
            f"not contested: {', '.join(map(visible, unknown))}", hint="`enforcer contested list` shows those that are."
        )
    return 0
