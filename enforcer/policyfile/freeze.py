"""The keys of a freeze window."""

from datetime import UTC, tzinfo
from typing import Any, Final

from enforcer.model.policy import Freeze
from enforcer.model.rule import Origin
from enforcer.model.task import ResumeMode
from enforcer.policyfile import words
from enforcer.policyfile.fields import Field, OneOrMany, Record
from enforcer.policyfile.problems import Place


def _freeze(
    place: Place,
    *,
    days: tuple[frozenset[int], ...] = (frozenset(range(7)),),
    zone: tzinfo = UTC,
    directions: tuple[ResumeMode, ...] = tuple(ResumeMode),
    **values: Any,
) -> Freeze:
    return Freeze(
        days=frozenset().union(*days),
        zone=zone,
        directions=frozenset(directions),
        origin=Origin(file=place.file, line=place.line),
        **values,
    )


FREEZE: Final = Record(
    name="a freeze window",
    build=_freeze,
    fields=(
        Field(
            key="days",
            reader=OneOrMany(item=words.DAYS),
            about="The days on which it begins, like Mon-Fri or [Sat, Sun]; every day if absent.",
            example="Mon-Fri",
        ),
        Field(
            key="from",
            argument="start",
            reader=words.CLOCK,
            required=True,
            about="When it begins.",
            example="08:00",
        ),
        Field(
            key="to",
            argument="end",
            reader=words.CLOCK,
            required=True,
            about="When it ends; if that is not after from, on the next day.",
            example="20:00",
        ),
        Field(
            key="timezone",
            argument="zone",
            reader=words.ZONE,
            about="Whose clock that is, by its name in the time zone database; UTC if absent.",
            example="Europe/Berlin",
        ),
        Field(
            key="directions",
            reader=OneOrMany(item=words.DIRECTION),
            about="The changes that wait; both directions if absent.",
            example=["to_auto"],
        ),
        Field(key="reason", reader=words.REASON, about="Why, for people; reports repeat it.", example="business hours"),
    ),
)
