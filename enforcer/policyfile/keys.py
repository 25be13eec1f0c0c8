"""The policy language: every key, what may stand there, and the value it becomes.

The loader and the JSON Schema are both made from this one table, so that they cannot disagree.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from typing import Any, Final

from enforcer.core.quantity import UNLIMITED
from enforcer.model.expectation import Expectation
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
from enforcer.model.override import Override
from enforcer.model.policy import Freeze, Retention, Target
from enforcer.model.rollout import Gate, Rollout
from enforcer.model.rule import Match, Origin, PolicyMode, Rule
from enforcer.model.task import ResumeMode
from enforcer.policyfile import match, words
from enforcer.policyfile.expectation import EXPECTATION, MAX_EXPECTATIONS
from enforcer.policyfile.fields import Field, ListOf, OneOrMany, Record
from enforcer.policyfile.override import OVERRIDE
from enforcer.policyfile.problems import Place

MAX_RULES: Final = 5000
MAX_TARGETS: Final = 100
MAX_OVERRIDES: Final = 1000
MAX_FREEZE: Final = 100
MAX_WAVES: Final = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What one file says; None is a key that it does not have."""

    name: str | None = None
    targets: tuple[Target, ...] | None = None
    eligible: Match | None = None
    rules: tuple[Rule, ...] = ()
    overrides: tuple[Override, ...] = ()
    tests: tuple[Expectation, ...] = ()
    default: PolicyMode | None = None
    limits: Limits | None = None
    freeze: tuple[Freeze, ...] | None = None
    rollout: Rollout | None = None
    history: Retention | None = None


def _origin(place: Place) -> Origin:
    return Origin(file=place.file, line=place.line, column=place.column)


def _rule(place: Place, **values: Any) -> Rule:
    return Rule(origin=_origin(place), **values)


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


def _target(place: Place, **values: Any) -> Target:
    return Target(origin=_origin(place), **values)


def _to_auto(_: Place, **values: Any) -> Budget:
    return _budget(DEFAULT_TO_AUTO, values)


def _to_manual(_: Place, **values: Any) -> Budget:
    return _budget(DEFAULT_TO_MANUAL, values)


def _budget(default: Budget, values: Mapping[str, Any]) -> Budget:
    return replace(default, **values, written=frozenset(values))


def _inventory(_: Place, **values: Any) -> InventoryLimits:
    return InventoryLimits(**values)


def _limits(_: Place, **values: Any) -> Limits:
    return Limits(**values)


def _gate(_: Place, **values: Any) -> Gate:
    return Gate(**values)


def _rollout(_: Place, **values: Any) -> Rollout:
    return Rollout(**values)


def _history(_: Place, **values: Any) -> Retention:
    return Retention(**values)


def _document(_: Place, *, version: int, **values: Any) -> Document:
    del version  # there is only one
    return Document(**values)


_RULE: Final = Record(
    name="a rule",
    build=_rule,
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
            reader=words.PRIORITY,
            about="Order inside a run, higher first; 0 if absent. It has no part in which rule decides.",
            example=10,
        ),
    ),
)

_TARGET: Final = Record(
    name="a target",
    build=_target,
    fields=(
        Field(
            key="name",
            reader=words.TARGET_NAME,
            required=True,
            about="Its name in flags, logs and reports; no other target has it.",
            example="prod-eu",
        ),
        Field(key="region", reader=words.REGION, about="The Huawei Cloud region.", example="eu-west-101"),
        Field(
            key="project_id",
            reader=words.PROJECT_ID,
            about="The project in that region.",
            example="0123456789abcdef0123456789abcdef",
        ),
        Field(
            key="endpoint",
            reader=words.ENDPOINT,
            about="Where DCS answers, if not at https://dcs.REGION.myhuaweicloud.com.",
            example="https://dcs.eu-west-101.myhuaweicloud.com",
        ),
        Field(
            key="iam_endpoint",
            reader=words.ENDPOINT,
            about="Where IAM answers, if not at the region's own address.",
            example="https://iam.eu-west-101.myhuaweicloud.com",
        ),
        Field(
            key="rate",
            reader=words.TARGET_RATE,
            about="Requests started for this target, instead of limits.rate.",
            example="60/m",
        ),
    ),
)

_BUDGET: Final = (
    Field(
        key="max",
        reader=words.MOST,
        about="The most changes in this direction in one run, all its targets together; 0 is none at all.",
        example=10,
    ),
    Field(
        key="percent",
        reader=words.SHARE,
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
    build=_inventory,
    fields=(
        Field(key="min_tasks", reader=words.POPULATION, about="With fewer tasks a run is refused.", example=1),
        Field(
            key="max_shrink",
            reader=words.SHARE,
            about="Of the tasks of the last good run, how many may be missing.",
            example="30%",
        ),
        Field(
            key="max_unknown_mode",
            reader=words.SHARE,
            about="Of the eligible tasks, how many may come without a mode.",
            example="5%",
        ),
    ),
)

_LIMITS: Final = Record(
    name="limits",
    build=_limits,
    fields=(
        Field(
            key="rate",
            reader=words.RATE,
            about="Requests started for each target, all workers together: N/s, N/m, N/h or unlimited.",
            example=DEFAULT_RATE.text,
        ),
        Field(
            key="concurrency",
            reader=words.CONCURRENCY,
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
            reader=Record(name="to_auto", fields=_BUDGET, build=_to_auto),
            about="Changes from manual to auto.",
            example={"max": DEFAULT_TO_AUTO.max},
        ),
        Field(
            key="to_manual",
            reader=Record(name="to_manual", fields=_BUDGET, build=_to_manual),
            about="Changes from auto to manual.",
            example={"max": UNLIMITED},
        ),
        Field(
            key="inventory",
            reader=_INVENTORY,
            about="What a list of tasks has to be, to be taken for the whole.",
            example={"min_tasks": 1, "max_shrink": "30%"},
        ),
        Field(
            key="min_population",
            reader=words.POPULATION,
            about="With fewer eligible tasks, percent is ignored.",
            example=10,
        ),
        Field(
            key="max_inventory",
            reader=words.MAX_INVENTORY,
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

_FREEZE: Final = Record(
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

_GATE: Final = Record(
    name="gate",
    build=_gate,
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

_ROLLOUT: Final = Record(
    name="rollout",
    build=_rollout,
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

_HISTORY: Final = Record(
    name="history",
    build=_history,
    fields=(
        Field(
            key="keep",
            reader=words.KEEP,
            about="How long the records of the policy's runs are kept; 400d if absent.",
            example="400d",
        ),
    ),
)

DOCUMENT: Final = Record(
    name="a policy",
    build=_document,
    fields=(
        Field(key="version", reader=words.VERSION, required=True, about="The version of the language.", example=1),
        Field(
            key="name",
            reader=words.LABEL,
            about="The policy's name in logs and reports; the name of the file or folder if absent.",
            example="nightly",
        ),
        Field(
            key="targets",
            reader=ListOf(what="a list of targets", item=_TARGET, least=1, most=MAX_TARGETS),
            about="The projects it is for; if absent, the one that flags, environment or profile describe.",
            example=[{"name": "prod-eu", "region": "eu-west-101"}],
        ),
        Field(
            key="eligible",
            reader=match.ELIGIBLE,
            about="The tasks that may be changed at all, instead of the built-in answer; {} is every task.",
            example={"status": ["FULLMIGRATING", "INCRMIGRATING"]},
        ),
        Field(
            key="rules",
            reader=ListOf(what="a list of rules", item=_RULE, most=MAX_RULES),
            about="The first that matches a task decides.",
            example=[{"id": "dr", "match": {"task_name": "dr-*"}, "mode": "manual"}],
        ),
        Field(
            key="overrides",
            reader=ListOf(what="a list of overrides", item=OVERRIDE, most=MAX_OVERRIDES),
            about="Dated exceptions that go before every rule, beside those that `enforcer override add` keeps.",
            example=[
                {
                    "id": "INC-4211",
                    "tasks": "pay-*",
                    "mode": "manual",
                    "reason": "Source CPU at 95 %",
                    "owner": "li.wei",
                    "created": "2030-09-04T02:11:00Z",
                    "expires": "2030-09-04T08:00:00Z",
                }
            ],
        ),
        Field(
            key="tests",
            reader=ListOf(what="a list of tests", item=EXPECTATION, most=MAX_EXPECTATIONS),
            about="What `enforcer check` tries: a task, and what should become of it. No run reads them.",
            example=[{"name": "wan link", "task": {"task_name": "pay-wan-1"}, "expect": {"mode": "manual"}}],
        ),
        Field(
            key="default",
            reader=words.MODE,
            about="For eligible tasks that no rule matches; leave if absent.",
            example="leave",
        ),
        Field(
            key="limits",
            reader=_LIMITS,
            about="How fast and how far a run may go; what is absent is a built-in default.",
            example={"rate": "5/s", "concurrency": 8},
        ),
        Field(
            key="freeze",
            reader=ListOf(what="a list of freeze windows", item=_FREEZE, most=MAX_FREEZE),
            about="Times of the week at which changes wait.",
            example=[{"days": "Mon-Fri", "from": "08:00", "to": "20:00", "timezone": "Europe/Berlin"}],
        ),
        Field(
            key="rollout",
            reader=_ROLLOUT,
            about="In which waves changes to auto are made, and what stops them; what is absent is a built-in default.",
            example={"waves": [1, "25%", "100%"], "bake": "120s"},
        ),
        Field(
            key="history",
            reader=_HISTORY,
            about="How long the journal remembers the policy's runs.",
            example={"keep": "400d"},
        ),
    ),
)

DEFINITIONS: Final = (match.PATTERN, match.PATTERNS, match.NOT, match.RULE_MATCH)
"""What the schema of DOCUMENT refers to by name."""

ONCE: Final = ("name", "targets", "eligible", "default", "limits", "freeze", "rollout", "history")
"""The keys that only one file of a folder may have."""
