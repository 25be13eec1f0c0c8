"""The keys of a rollout in waves, and of the gate between them."""

import re
from typing import Final

from enforcer.core.text import quantity
from enforcer.model.rollout import Gate, OnFail, Rollout, Share
from enforcer.policyfile import words
from enforcer.policyfile.building import plain
from enforcer.policyfile.problems import quoted
from enforcer.policyfile.readers import Field, ListOf, Record, Word

MAX_WAVES: Final = 20

_WAVE: Final = r"[1-9][0-9]{0,8}|(?:[1-9][0-9]?|100)%"


def _wave(text: str) -> Share:
    if not re.fullmatch(_WAVE, text):
        raise ValueError(f"{quoted(text)} is not possible here; expected {WAVE.what}")
    return Share(number=int(text.rstrip("%")), is_percent=text.endswith("%"))


def _bake(text: str) -> int:
    return 0 if text == "0s" else quantity.parse_duration(text)


WAVE: Final = Word(
    what="a number of changes from 1, or a share of them from 1% to 100%",
    parse=_wave,
    json={"anyOf": [{"type": "integer", "minimum": 1, "maximum": 999_999_999}, words.as_string(_WAVE)]},
)
BAKE: Final = Word(
    what="a duration like 90s, 15m or 2h, or 0s",
    parse=_bake,
    json=words.as_string(f"0s|{quantity.DURATION_PATTERN}"),
)
ON_FAIL: Final = words.one_of("answer to a failed gate", OnFail)

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
            reader=ListOf(what="a list of waves", item=WAVE, least=1, most=MAX_WAVES),
            about="How many of a target's changes to auto are made when each wave is over, those before it included; "
            "the rest goes in one more.",
            example=[1, 3, "25%", "100%"],
        ),
        Field(
            key="bake",
            argument="bake_s",
            reader=BAKE,
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
            reader=ON_FAIL,
            about="What happens when a gate fails, apart from no later wave: nothing, or the wave is set back.",
            example="stop",
        ),
    ),
)
