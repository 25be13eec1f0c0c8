"""One task's past as text for people or as JSON for programs."""

from collections.abc import Sequence

import msgspec

from enforcer.cli.tables.rows import aligned
from enforcer.core.text.visible import visible
from enforcer.model.episode import Episode

_HEAD = ("when", "from", "to", "state", "asked for by", "run", "command", "by")


def as_json(past: Sequence[Episode]) -> str:
    """Return a JSON array of one object per run and target."""
    return msgspec.json.format(msgspec.json.encode(past), indent=2).decode()


def as_text(past: Sequence[Episode]) -> str:
    """Return one line per run and target below the task's name and a heading; *past* has at least one."""
    last = past[-1]
    title = f"{visible(last.task_id)}  {visible(last.task_name or '-', 64)}  {visible(last.target, 64)}"
    return f"{title}\n\n{aligned([_HEAD, *map(_cells, past)])}"


def _cells(each: Episode) -> tuple[str, ...]:
    state = each.state.replace("_", " ")
    by = f"{visible(each.user, 40)}@{visible(each.host, 60)}"
    asked = visible(each.rule, 64), visible(each.run_id, 60), visible(each.command, 40), by
    return (each.at, each.before or "-", each.desired, state, *asked)
