"""The text of a starter policy, with comments that say what each part is for."""

from collections.abc import Iterator, Sequence

import msgspec

from enforcer.core.authoring.starter import Family
from enforcer.core.text.visible import visible
from enforcer.model.event import TargetRef
from enforcer.model.task import ResumeMode

_EXAMPLES = 3


def text(found: Sequence[Family], targets: Sequence[TargetRef], *, tasks: int, taken_at: str) -> str:
    """Return a policy under which the tasks that *found* was made of stay as they are."""
    return "\n".join([*_head(tasks, taken_at), *_targets(targets), *_rules(found), *_tail()]) + "\n"


def _head(tasks: int, taken_at: str) -> Iterator[str]:
    yield "# yaml-language-server: $schema=./policy.schema.json"
    yield "#"
    yield f"# A beginning, made by `enforcer init` of {tasks} tasks as they were at {taken_at}."
    yield "# Every rule says what is so already, so the first plan is empty. Change what should be otherwise:"
    yield "#"
    yield "#   enforcer check FILE     is it valid?"
    yield "#   enforcer plan FILE      what would change, and why? Sends nothing."
    yield ""
    yield "version: 1"
    yield "name: starter"
    yield ""


def _targets(targets: Sequence[TargetRef]) -> Iterator[str]:
    yield "targets:"
    for target in targets:
        yield f"  - name: {_quoted(target.name)}"
        if target.region is not None:
            yield f"    region: {_quoted(target.region)}"
        yield f"    project_id: {_quoted(target.project_id)}"
        yield f"    endpoint: {_quoted(target.endpoint)}"
    yield ""


def _rules(found: Sequence[Family]) -> Iterator[str]:
    clear = [family for family in found if family.mode is not None]
    mixed = [family for family in found if family.mode is None]
    yield "# The first rule that matches a task decides."
    yield "rules:" if clear else "rules: []"
    for family in clear:
        yield from _rule(family)
    for family in mixed:
        yield f"  # {_glob(family)}: {family.tasks} tasks, some auto and some manual. What should they be?"
    yield ""


def _rule(family: Family) -> Iterator[str]:
    if family.exceptions:
        other = ResumeMode.MANUAL if family.mode is ResumeMode.AUTO else ResumeMode.AUTO
        names = ", ".join(visible(task.task_name or "-", 40) for task in family.exceptions[:_EXAMPLES])
        yield f"  - id: {family.rule_id}-exceptions"
        yield "    match:"
        yield "      task_id:"
        for task in family.exceptions:
            yield f"        - {_quoted(task.task_id)}"
        yield f"    mode: {other} # {names}: unlike the others of {_glob(family)}"
        yield f"    reason: As found by enforcer init; {family.mode} is what the others have"
        yield ""
    count = family.tasks - len(family.exceptions)
    yield f"  - id: {family.rule_id}"
    yield f"    match: {{task_name: {_quoted(_glob(family))}}}"
    yield f"    mode: {family.mode} # as {count} of {family.tasks} tasks are"
    yield "    reason: As found by enforcer init; write here why it should be so"
    yield ""


def _tail() -> Iterator[str]:
    yield "# Tasks that no rule matches."
    yield "default: leave"
    yield ""
    yield "limits:"
    yield "  rate: 5/s # requests started per target, all workers together"
    yield "  to_auto: {max: 10} # manual to auto may start a full sync: a run that would change more is refused"


def _glob(family: Family) -> str:
    return f"{family.prefix}*"


def _quoted(value: str) -> str:
    """Return *value* in double quotes: what JSON says of a text, YAML reads alike."""
    return msgspec.json.encode(value).decode()
