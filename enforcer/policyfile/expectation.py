"""The keys of a policy's own tests."""

from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from enforcer.core.patterns.matching import FIELDS
from enforcer.model.expectation import Expectation
from enforcer.model.task import Task
from enforcer.policyfile import words
from enforcer.policyfile.building import placed, plain
from enforcer.policyfile.nodes import FORBIDDEN
from enforcer.policyfile.override import OVERRIDE
from enforcer.policyfile.problems import Place
from enforcer.policyfile.readers import Field, ListOf, Record

MAX_EXPECTATIONS: Final = 5000

_USUAL: Final = Task(
    target="",
    task_id="0" * 32,
    status="INCRMIGRATING",
    migration_type="online_migration",
    migration_method="incremental_migration",
)
"""What a test leaves out: a task that the built-in answer finds eligible."""


def _expectation(place: Place, *, expect: dict[str, Any], **values: Any) -> Expectation:
    return placed(Expectation)(place, **expect, **values)


VALUE: Final = words.free_text("value", rf"[^{FORBIDDEN}\t\n\r]{{1,256}}", "1 to 256 characters in one line")
DECIDER: Final = words.free_text("decider", words.LINE, "a rule's id, default, not eligible, or override and its id")

_TASK: Final = Record(
    name="a task",
    build=plain(partial(replace, _USUAL)),
    if_empty="an empty task; expected at least one field of a task",
    fields=tuple(
        Field(
            key=name,
            reader=VALUE,
            about="The name of the target that lists it." if name == "target" else f"Its {name}.",
            example="pay-wan-1" if name.endswith("_name") else "8a7f03c1",
        )
        for name in FIELDS
    ),
)

_EXPECT: Final = Record(
    name="an expectation",
    build=plain(dict),
    if_empty="an empty expect; expected mode, rule or both",
    fields=(
        Field(
            key="mode", reader=words.MODE, about="The mode it should have; leave: it is left alone.", example="manual"
        ),
        Field(
            key="rule",
            argument="decided_by",
            reader=DECIDER,
            about="What should decide: a rule's id, default, not eligible, or override and its id.",
            example="wan-links",
        ),
    ),
)

EXPECTATION: Final = Record(
    name="a test",
    build=_expectation,
    fields=(
        Field(key="name", reader=words.LABEL, required=True, about="Its name in messages.", example="wan link"),
        Field(
            key="task",
            reader=_TASK,
            required=True,
            about="The task; what is left out is that of a running incremental online migration.",
            example={"task_name": "pay-wan-1"},
        ),
        Field(
            key="expect",
            reader=_EXPECT,
            required=True,
            about="What should become of it.",
            example={"mode": "manual", "rule": "wan-links"},
        ),
        Field(
            key="at",
            reader=words.TIME,
            about="When it is decided; the present if absent. RFC 3339, with a zone.",
            example="2030-09-05T02:00:00Z",
        ),
        Field(
            key="overrides",
            reader=ListOf(what="a list of overrides", item=OVERRIDE, most=10),
            about="Overrides in force besides those of the policy.",
            example=[],
        ),
    ),
)
