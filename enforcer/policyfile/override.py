"""The keys of an override that lies in a policy."""

from typing import Final

from enforcer.core.overrides.ledger import LEAST_REASON, OVERRIDE_ID_PATTERN
from enforcer.model.override import Override
from enforcer.policyfile import match, words
from enforcer.policyfile.building import placed
from enforcer.policyfile.readers import Field, OneOrMany, Record

ID: Final = words.free_text(
    "name", OVERRIDE_ID_PATTERN, "1 to 64 letters, digits, dots, _ or -, a letter or digit first"
)

OVERRIDE: Final = Record(
    name="an override",
    build=placed(Override),
    fields=(
        Field(
            key="id",
            reader=ID,
            required=True,
            about="Its name; no other override of the policy has it.",
            example="INC-4211",
        ),
        Field(
            key="tasks",
            argument="patterns",
            reader=match.PATTERNS,
            required=True,
            about="Patterns of the tasks it is about; one that hits a task's id or its name is enough.",
            example=["pay-*", "8a7f*"],
        ),
        Field(
            key="targets",
            reader=OneOrMany(item=words.TARGET_NAME),
            about="The targets it is for, by name; every target if absent.",
            example="prod-eu",
        ),
        Field(
            key="mode",
            reader=words.MODE,
            required=True,
            about="What these tasks should have, whatever the rules say; leave: do not touch them.",
            example="manual",
        ),
        Field(
            key="reason",
            reader=words.FULL_REASON,
            required=True,
            about=f"Why, for people, in at least {LEAST_REASON} characters; reports repeat it.",
            example="Source CPU at 95 %, see INC-4211",
        ),
        Field(key="ticket", reader=words.LABEL, about="Where there is more about it.", example="CHG-4411"),
        Field(key="owner", reader=words.LABEL, required=True, about="Who answers for it.", example="li.wei"),
        Field(
            key="created",
            reader=words.TIME,
            required=True,
            about="When it was written; RFC 3339, with a zone.",
            example="2030-09-04T02:11:00Z",
        ),
        Field(
            key="expires",
            reader=words.TIME,
            required=True,
            about="From then on it is no longer in force; at most limits.override_max_ttl after created.",
            example="2030-09-04T08:00:00Z",
        ),
    ),
)
