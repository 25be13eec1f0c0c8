"""The keys of the limits: the pace of a run, budgets by direction, and what a list of tasks has to be."""

import re
from functools import partial
from typing import Any, Final

from msgspec.structs import replace

from enforcer.core.text import quantity
from enforcer.model.limits import (
    DEFAULT_CONCURRENCY,
    DEFAULT_MAX_INVENTORY,
    DEFAULT_OVERRIDE_MAX_TTL_S,
    DEFAULT_RATE,
    DEFAULT_TO_AUTO,
    DEFAULT_TO_MANUAL,
    Budget,
    InventoryLimits,
    Limits,
)
from enforcer.policyfile import words
from enforcer.policyfile.building import plain
from enforcer.policyfile.problems import quoted
from enforcer.policyfile.readers import Field, Record, Word

_PERCENT: Final = r"(?:0|[1-9][0-9]?|100)%"


def _share(text: str) -> int | None:
    if text == quantity.UNLIMITED:
        return None
    if not re.fullmatch(_PERCENT, text):
        raise ValueError(f"{quoted(text)} is not possible here; expected {SHARE.what}")
    return int(text.removesuffix("%"))


SHARE: Final = Word(
    what=f"a whole share from 0% to 100%, like 20%, or {quantity.UNLIMITED}",
    parse=_share,
    json=words.as_string(f"{_PERCENT}|{quantity.UNLIMITED}"),
)
RATE: Final = Word(
    what="a rate like 5/s, or unlimited", parse=quantity.parse_rate, json=words.as_string(quantity.RATE_PATTERN)
)
CONCURRENCY: Final = words.whole_number(1, 256, r"[1-9][0-9]?|1[0-9]{2}|2[0-4][0-9]|25[0-6]")
POPULATION: Final = words.whole_number(0, 999_999_999, words.COUNT)
MAX_INVENTORY: Final = words.whole_number(1, 9_999_999, "[1-9][0-9]{0,6}")


def _budget(default: Budget, **values: Any) -> Budget:
    return replace(default, **values, written=frozenset(values))


_BUDGET: Final = (
    Field(
        key="max",
        reader=words.MOST,
        about="The most changes in this direction in one run, all its targets together; 0 is none at all.",
        example=10,
    ),
    Field(
        key="percent",
        reader=SHARE,
        about="The most of a target's eligible tasks in one run: rounded down, but at least 1.",
        example="20%",
    ),
    Field(
        key="per_day",
        reader=words.MOST,
        about="The most changes of a target that all runs together may send in any 24 hours.",
        example=25,
    ),
    Field(
        key="per_source_instance",
        reader=words.MOST,
        about="The most in one run among the tasks that share a source instance; to auto, full syncs under way count.",
        example=3,
    ),
    Field(
        key="per_target_instance",
        reader=words.MOST,
        about="The most in one run among the tasks that share a target instance; to auto, full syncs under way count.",
        example=2,
    ),
)

_INVENTORY: Final = Record(
    name="inventory",
    build=plain(InventoryLimits),
    fields=(
        Field(key="min_tasks", reader=POPULATION, about="With fewer tasks a run is refused.", example=1),
        Field(
            key="max_shrink",
            reader=SHARE,
            about="Of the tasks of the last good run, how many may be missing.",
            example="30%",
        ),
        Field(
            key="max_unknown_mode",
            reader=SHARE,
            about="Of the eligible tasks, how many may come without a mode.",
            example="5%",
        ),
    ),
)

LIMITS: Final = Record(
    name="limits",
    build=plain(Limits),
    fields=(
        Field(
            key="rate",
            reader=RATE,
            about="Requests started for each target, all workers together: N/s, N/m, N/h or unlimited.",
            example=DEFAULT_RATE.text,
        ),
        Field(
            key="concurrency",
            reader=CONCURRENCY,
            about="Requests in flight for each target.",
            example=DEFAULT_CONCURRENCY,
        ),
        Field(
            key="deadline",
            argument="deadline_s",
            reader=words.DURATION,
            about="How long a run may take.",
            example="90m",
        ),
        Field(
            key="to_auto",
            reader=Record(name="to_auto", fields=_BUDGET, build=plain(partial(_budget, DEFAULT_TO_AUTO))),
            about="Changes from manual to auto.",
            example={"max": DEFAULT_TO_AUTO.max},
        ),
        Field(
            key="to_manual",
            reader=Record(name="to_manual", fields=_BUDGET, build=plain(partial(_budget, DEFAULT_TO_MANUAL))),
            about="Changes from auto to manual.",
            example={"max": quantity.UNLIMITED},
        ),
        Field(
            key="inventory",
            reader=_INVENTORY,
            about="What a list of tasks has to be, to be taken for the whole.",
            example={"min_tasks": 1, "max_shrink": "30%"},
        ),
        Field(
            key="min_population",
            reader=POPULATION,
            about="With fewer eligible tasks, percent is ignored.",
            example=10,
        ),
        Field(
            key="max_inventory",
            reader=MAX_INVENTORY,
            about="The most tasks that a target may list; with more of them nothing is sent.",
            example=DEFAULT_MAX_INVENTORY,
        ),
        Field(
            key="override_max_ttl",
            argument="override_max_ttl_s",
            reader=words.DURATION,
            about="How long an override may last at most.",
            example=f"{DEFAULT_OVERRIDE_MAX_TTL_S // 3600}h",
        ),
    ),
)
