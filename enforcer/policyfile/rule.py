"""The keys of a rule."""

from typing import Final

from enforcer.model.rule import Rule
from enforcer.policyfile import match, words
from enforcer.policyfile.building import placed
from enforcer.policyfile.readers import Field, Record

PRIORITY: Final = words.whole_number(-1000, 1000, r"0|-?(?:[1-9][0-9]{0,2}|1000)")

RULE: Final = Record(
    name="a rule",
    build=placed(Rule),
    fields=(
        Field(
            key="id", reader=words.LABEL, required=True, about="Its name; no other rule has it.", example="wan-links"
        ),
        Field(
            key="match",
            reader=match.RULE_MATCH,
            required=True,
            about="The tasks it speaks of: all keys have to match, any pattern of a list; "
            "a bare pattern or list is about task_id.",
            example={"task_name": ["*-wan-*", "dr-*"]},
        ),
        Field(
            key="mode",
            reader=words.MODE,
            required=True,
            about="The resume mode they should have; leave: do not touch them.",
            example="manual",
        ),
        Field(key="reason", reader=words.REASON, about="Why, for people; reports repeat it.", example="CHG-4411"),
        Field(
            key="expires",
            reader=words.TIME,
            about="From then on the rule no longer matches; RFC 3339, with a zone.",
            example="2030-12-31T00:00:00Z",
        ),
        Field(
            key="priority",
            reader=PRIORITY,
            about="Order inside a run, higher first; 0 if absent. It has no part in which rule decides.",
            example=10,
        ),
    ),
)
