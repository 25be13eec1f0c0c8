"""The policy language: every key of a policy, what may stand there, and the value it becomes.

The larger keys have rooms of their own. The loader and the JSON Schema are both made from this one table, so that
they cannot disagree.
"""

from typing import Any, Final

from msgspec import Struct

from enforcer.core.text import quantity
from enforcer.model.expectation import Expectation
from enforcer.model.limits import Limits
from enforcer.model.notify import Notify
from enforcer.model.override import Override
from enforcer.model.policy import Freeze, Retention, Target
from enforcer.model.rollout import Rollout
from enforcer.model.rule import Match, PolicyMode, Rule
from enforcer.policyfile import match, words
from enforcer.policyfile.building import plain
from enforcer.policyfile.expectation import EXPECTATION, MAX_EXPECTATIONS
from enforcer.policyfile.freeze import FREEZE
from enforcer.policyfile.limits import LIMITS
from enforcer.policyfile.override import OVERRIDE
from enforcer.policyfile.problems import Place, quoted
from enforcer.policyfile.readers import Field, ListOf, Record, Word
from enforcer.policyfile.rollout import ROLLOUT
from enforcer.policyfile.rule import RULE
from enforcer.policyfile.target import TARGET

MAX_RULES: Final = 5000
MAX_TARGETS: Final = 100
MAX_OVERRIDES: Final = 1000
MAX_FREEZE: Final = 100

KEEP: Final = Word(
    what="a number of days like 400d, or unlimited",
    parse=quantity.parse_keep,
    json=words.as_string(quantity.KEEP_PATTERN),
)
NOTIFY: Final = words.one_of("time to notify", Notify)


def _version(text: str) -> int:
    if text != "1":
        raise ValueError(f"unknown version {quoted(text)}; expected 1")
    return 1


VERSION: Final = Word(what="1", parse=_version, json={"enum": [1, "1"]})


class Document(Struct, frozen=True, kw_only=True):
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
    notify: Notify | None = None


def _document(_: Place, *, version: int, **values: Any) -> Document:
    del version  # there is only one
    return Document(**values)


_HISTORY: Final = Record(
    name="history",
    build=plain(Retention),
    fields=(
        Field(
            key="keep",
            reader=KEEP,
            about="How long the records of the policy's runs are kept; 400d if absent.",
            example="400d",
        ),
    ),
)

DOCUMENT: Final = Record(
    name="a policy",
    build=_document,
    fields=(
        Field(key="version", reader=VERSION, required=True, about="The version of the language.", example=1),
        Field(
            key="name",
            reader=words.LABEL,
            about="The policy's name in logs and reports; the name of the file or folder if absent.",
            example="nightly",
        ),
        Field(
            key="targets",
            reader=ListOf(what="a list of targets", item=TARGET, least=1, most=MAX_TARGETS),
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
            reader=ListOf(what="a list of rules", item=RULE, most=MAX_RULES),
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
            reader=LIMITS,
            about="How fast and how far a run may go; what is absent is a built-in default.",
            example={"rate": "5/s", "concurrency": 8},
        ),
        Field(
            key="freeze",
            reader=ListOf(what="a list of freeze windows", item=FREEZE, most=MAX_FREEZE),
            about="Times of the week at which changes wait.",
            example=[{"days": "Mon-Fri", "from": "08:00", "to": "20:00", "timezone": "Europe/Berlin"}],
        ),
        Field(
            key="rollout",
            reader=ROLLOUT,
            about="In which waves changes to auto are made, and what stops them; what is absent is a built-in default.",
            example={"waves": [1, "25%", "100%"], "bake": "120s"},
        ),
        Field(
            key="history",
            reader=_HISTORY,
            about="How long the journal remembers the policy's runs.",
            example={"keep": "400d"},
        ),
        Field(
            key="notify",
            reader=NOTIFY,
            about="When people are told of a run, through the services of ENFORCER_NOTIFY_URLS; never if absent.",
            example="change",
        ),
    ),
)

DEFINITIONS: Final = (match.PATTERN, match.PATTERNS, match.NOT, match.RULE_MATCH)
"""What the schema of DOCUMENT refers to by name."""

ONCE: Final = ("name", "targets", "eligible", "default", "limits", "freeze", "rollout", "history", "notify")
"""The keys that only one file of a folder may have."""
