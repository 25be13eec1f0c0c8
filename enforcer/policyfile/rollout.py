"""The keys of a rollout in waves, and of the gate between them."""

from typing import Final

from enforcer.model.rollout import Gate, Rollout
from enforcer.policyfile import words
from enforcer.policyfile.building import plain
from enforcer.policyfile.fields import Field, ListOf, Record

MAX_WAVES: Final = 20


_GATE: Final = Record(
    name="gate",
    build=plain(Gate),
    fields=(
        Field(
            key="max_full_sync",
            reader=words.MOST,
            about="How many tasks of a wave may move into a full synchronisation; one more fails the gate.",
            example=0,
        ),
        Field(
            key="max_failed",
            reader=words.MOST,
            about="How many may move into a failed status, or have a status that cannot be read.",
            example=0,
        ),
        Field(
            key="max_call_errors",
            reader=words.MOST,
            about="How many of its changes may fail for good, or lose their answer.",
            example=1,
        ),
    ),
)


ROLLOUT: Final = Record(
    name="rollout",
    build=plain(Rollout),
    fields=(
        Field(
            key="waves",
            reader=ListOf(what="a list of waves", item=words.WAVE, least=1, most=MAX_WAVES),
            about="How many of a target's changes to auto are made when each wave is over, those before it included; "
            "the rest goes in one more.",
            example=[1, 3, "25%", "100%"],
        ),
        Field(
            key="bake",
            argument="bake_s",
            reader=words.BAKE,
            about="How long the tasks of a wave are watched before the next one begins; 0s is one look.",
            example="120s",
        ),
        Field(
            key="poll",
            argument="poll_s",
            reader=words.DURATION,
            about="How long from one look at them to the next.",
            example="15s",
        ),
        Field(
            key="gate",
            reader=_GATE,
            about="What a wave may do before it stops the others.",
            example={"max_call_errors": 1},
        ),
        Field(
            key="on_fail",
            reader=words.ON_FAIL,
            about="What happens when a gate fails, apart from no later wave: nothing, or the wave is set back.",
            example="stop",
        ),
    ),
)
