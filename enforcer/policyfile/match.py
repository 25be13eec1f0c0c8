"""The keys of a match: one for each field of a task that patterns are tested on, and ``not``."""

from typing import Final

from enforcer.core.patterns import pattern
from enforcer.core.patterns.matching import FIELDS
from enforcer.model.rule import Match
from enforcer.policyfile import words
from enforcer.policyfile.building import plain
from enforcer.policyfile.nodes import FORBIDDEN
from enforcer.policyfile.readers import Field, MappingOr, Named, OneOrMany, Record, Word


def _pattern(text: str) -> str:
    if {"\t", "\n", "\r"} & set(text):
        raise ValueError("a pattern has a tab or a line break in it; expected one line")
    pattern.parse(text)
    return text


def _of_task_id(patterns: tuple[str, ...]) -> Match:
    return Match(task_id=patterns)


PATTERN: Final = Named(
    name="pattern",
    reader=Word(
        what="a pattern",
        parse=_pattern,
        json=words.as_text(rf"[^{FORBIDDEN}\t\n\r]{{1,{pattern.MAX_LENGTH}}}"),
    ),
)
PATTERNS: Final = Named(name="patterns", reader=OneOrMany(item=PATTERN))

_TASK_FIELDS: Final = tuple(
    Field(
        key=name,
        reader=PATTERNS,
        about="The name of the target that lists the task." if name == "target" else f"The task's {name}.",
        example=["*-wan-*", "dr-*"] if name.endswith("_name") else "8a7f*",
    )
    for name in FIELDS
)

NOT: Final = Named(
    name="not",
    reader=MappingOr(
        mapping=Record(
            name="a mapping of match fields",
            fields=_TASK_FIELDS,
            build=plain(Match),
            if_empty="an empty not would exclude every task; expected at least one match field",
        ),
        short=PATTERNS,
        build=_of_task_id,
    ),
)

_MATCH_FIELDS: Final = (
    *_TASK_FIELDS,
    Field(
        key="not",
        argument="not_",
        reader=NOT,
        about="A match of the same kind; what it matches is left out.",
        example={"task_name": "*-test"},
    ),
)

ELIGIBLE: Final = MappingOr(
    mapping=Record(name="a mapping of match fields", fields=_MATCH_FIELDS, build=plain(Match)),
    short=PATTERNS,
    build=_of_task_id,
)

RULE_MATCH: Final = Named(
    name="match",
    reader=MappingOr(
        mapping=Record(
            name="a mapping of match fields",
            fields=_MATCH_FIELDS,
            build=plain(Match),
            if_empty='an empty match; expected at least one match field, or task_id: "*" if every task is meant',
        ),
        short=PATTERNS,
        build=_of_task_id,
    ),
)
