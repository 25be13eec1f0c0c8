"""From the tasks that there are to a starter policy, which is proved to change nothing before it is shown."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from enforcer import policyfile
from enforcer.cli.flags import flagged
from enforcer.cli.lookups import inventory_file, listing
from enforcer.cli.lookups.listing import NO_POLICY, Listed
from enforcer.core.authoring.starter import families
from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.core.text.moment import utc_text
from enforcer.errors import JournalError, UsageError
from enforcer.model.task import Task
from enforcer.policyfile import starter
from enforcer.ports import Sink
from enforcer.run.clock import utc_now


def policy(flags: Mapping[str, Any], inventory: str | None, *, sink: Sink) -> str:
    """Return the text of a policy under which nothing changes; raise DataError, ConfigError or NotListedError."""
    listed = _listed(flags, inventory, sink)
    now = utc_now()
    tasks = listed.tasks
    built_in = CompiledPolicy(NO_POLICY)
    found = families([task for task in tasks if built_in.is_eligible(task)])
    text = starter.text(found, listed.targets, tasks=len(tasks), taken_at=utc_text(now.timestamp()))
    _check_changes_nothing(text, tasks)
    return text


def write_new(path: str, text: str) -> None:
    """Write *text* to the file *path*; raise UsageError if there is one already, JournalError if it fails."""
    try:
        with Path(path).open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="Choose another name; nothing is overwritten.") from None
    except OSError as wrong:
        raise JournalError(f"{path} cannot be written: {wrong.strerror}", hint="Choose another place.") from wrong


def _listed(flags: Mapping[str, Any], inventory: str | None, sink: Sink) -> Listed:
    if inventory is not None:
        return inventory_file.read(inventory)
    errand = listing.errand("init", NO_POLICY, flagged.connection(flags), path=None, home=flagged.home(flags))
    return listing.look(errand, sink)


def _check_changes_nothing(text: str, tasks: Sequence[Task]) -> None:
    compiled, now = CompiledPolicy(policyfile.load_text(text.encode(), "starter.yaml")), utc_now()
    for task in tasks:
        if decide(task, compiled, NO_OVERRIDES, now).desired not in {None, task.resume_mode}:
            raise AssertionError(f"the starter policy would change task {task.task_id}")
