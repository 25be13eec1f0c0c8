"""The JSON Schema accepts what the loader does, and refuses what it does.

Documents are Python trees, written as JSON, which is YAML. What no JSON Schema can say is listed in BEYOND.
"""

import json
import re
from copy import deepcopy
from datetime import timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from enforcer.errors import PolicyError
from enforcer.policyfile import load_text, schema

VALIDATOR = Draft202012Validator(schema.document())

BEYOND = re.compile(
    r"is taken; .* has it already"  # two of one name
    r"|is in no calendar"
    r"|unknown time zone"
    r"|which is not after|the longest is"  # an override that ends before it begins, or lasts too long
    r"|a rate of '.*' is too high"
    r"|RE2 refuses|nothing follows re:|is never closed|ends with a single|is backwards"  # malformed patterns
)

GOOD_PATTERNS = ["*", "*-wan-*", "dr-?", "[a-z]x", r"a\*", "re:^a+$", "00112233", "é", 5, 0.5, True]
BAD_PATTERNS = ["", "[x", "re:(?=x)", "re:", "a\\", "a\tb", "a\nb", "a\n", "\u202e", "x" * 1024, "x" * 1025]
FIELDS = ["task_id", "task_name", "status", "migration_type", "migration_method", "source_instance_id", "target"]

patterns = st.sampled_from(GOOD_PATTERNS)
one_or_many = patterns | st.lists(patterns, min_size=1, max_size=3)


def some(optional: dict[str, st.SearchStrategy[Any]], **required: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.fixed_dictionaries(required, optional=optional)


fields = st.dictionaries(st.sampled_from(FIELDS), one_or_many, min_size=1, max_size=3)
matches = one_or_many | fields | st.builds(lambda found, not_: {**found, "not": not_}, fields, one_or_many | fields)
modes = st.sampled_from(["auto", "manual", "leave"])
words = st.sampled_from(["a", "b c", "é", "x" * 100, 7, 1.5, True])
rates = st.sampled_from(["5/s", "0.5/s", "60/m", "1/h", "100000/s"])
mosts = st.sampled_from([0, 10, "10", 999_999_999, "unlimited"])
budgets = some(
    {
        "max": mosts,
        "percent": st.sampled_from(["0%", "20%", "100%", "unlimited"]),
        "per_day": mosts,
        "per_source_instance": mosts,
        "per_target_instance": mosts,
    }
)
endpoints = st.sampled_from(["https://dcs.example", "https://a:443/", "http://127.0.0.1:80", "http://[::1]"])
rules = some(
    {
        "reason": st.sampled_from(["CHG-1", "two\nlines\n", 5]),
        "expires": st.sampled_from(["2030-12-31T00:00:00Z", "2030-12-31T00:00:00.5+02:00"]),
        "priority": st.integers(-1000, 1000) | st.integers(-1000, 1000).map(str),
    },
    id=words,
    match=matches,
    mode=modes,
)
targets = some(
    {
        "region": st.sampled_from(["eu-west-101", 1, True]),
        "project_id": st.sampled_from(["0123456789abcdef", 12, False]),
        "endpoint": endpoints,
        "iam_endpoint": endpoints,
        "rate": rates,
    },
    name=st.sampled_from(["prod-eu", "a.b_c", "x" * 64, 5, True]),
)
overrides = some(
    {"targets": st.sampled_from(["prod-eu", 5, ["a", "b"]]), "ticket": words},
    id=st.sampled_from(["INC-4211", "x" * 64, 5, True]),
    tasks=one_or_many,
    mode=modes,
    reason=st.sampled_from(["x" * 10, " ten\nletters "]),
    owner=words,
    created=st.just("2030-12-31T00:00:00Z"),
    expires=st.sampled_from(["2030-12-31T00:00:01Z", "2031-01-01T00:00:00.5+02:00"]),
)
clocks = st.sampled_from(["00:00", "08:30", "24:00"])
one_or_more_days = st.sampled_from(["Mon", "Fri-Mon"]) | st.lists(st.sampled_from(["Sat", "Mon-Tue"]), min_size=1)
freezes = st.builds(
    lambda begin, end, rest: {"from": begin, "to": end, **rest},
    clocks,
    clocks,
    some(
        {
            "days": one_or_more_days,
            "timezone": st.sampled_from(["UTC", "Europe/Berlin", "America/Argentina/Ushuaia", "Etc/GMT+5"]),
            "directions": st.sampled_from(["to_auto", ["to_manual"], ["to_auto", "to_manual"]]),
            "reason": words,
        }
    ),
)
documents = some(
    {
        "name": words,
        "targets": st.lists(targets, min_size=1, max_size=2, unique_by=lambda target: str(target["name"])),
        "eligible": matches | st.just({}),
        "rules": st.lists(rules, max_size=3, unique_by=lambda rule: str(rule["id"])),
        "overrides": st.lists(overrides, max_size=2, unique_by=lambda override: str(override["id"])),
        "default": modes,
        "freeze": st.lists(freezes, max_size=2),
        "rollout": some(
            {
                "waves": st.lists(st.sampled_from([1, "1", 999_999_999, "25%", "100%"]), min_size=1, max_size=3),
                "bake": st.sampled_from(["0s", "1s", "999999h"]),
                "poll": st.sampled_from(["1s", "2m"]),
                "gate": some(
                    dict.fromkeys(
                        ("max_full_sync", "max_failed", "max_call_errors"),
                        st.sampled_from([0, "3", 999_999_999, "unlimited"]),
                    )
                ),
                "on_fail": st.sampled_from(["stop", "revert_wave"]),
            }
        ),
        "limits": some(
            {
                "rate": rates | st.just("unlimited"),
                "concurrency": st.integers(1, 256) | st.integers(1, 256).map(str),
                "max_inventory": st.integers(1, 9_999_999) | st.integers(1, 9_999_999).map(str),
                "deadline": st.sampled_from(["1s", "90m", "999999h"]),
                "override_max_ttl": st.sampled_from(["48h", "999999h"]),
                "min_population": st.integers(0, 999_999_999) | st.integers(0, 99).map(str),
                "inventory": some(
                    {
                        "min_tasks": st.integers(0, 9),
                        "max_shrink": st.sampled_from(["0%", "100%", "unlimited"]),
                        "max_unknown_mode": st.sampled_from(["5%", "unlimited"]),
                    }
                ),
                "to_auto": budgets,
                "to_manual": budgets,
            }
        ),
    },
    version=st.sampled_from([1, "1"]),
)

WORDS = ["", " ", "\n", "auto", "Auto", "auto\n", "atuo", "unlimited", "null", "true", "EU", "a b", "../x", "x" * 101]
LONG = ["x" * 64, "x" * 65, "x" * 1000, "x" * 1001]
NUMBERS = [
    "1",
    "2",
    "01",
    "-1",
    "-0",
    "257",
    "1001",
    "-1001",
    "1000",
    "1e3",
    "+5",
    "1000000000",
    "999999999",
    "10%",
    "0%",
    "100%",
    "101%",
    "01%",
]
RATES = ["5/s", "0/s", "0.0/s", "5", "5/d", "5/s\n", "0.0001/s", "100001/s", "unlimited/s"]
TIMES = ["0s", "90", "1.5h", "1000000s", "2030-12-31", "2030-12-31T00:00:00", "2030-02-30T00:00:00Z"]
MORE_TIMES = ["2030-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "2030-12-31 00:00:00Z", "2030-12-31T24:00:00Z"]
CLOCKS = ["8:00", "08:00", "23:60", "24:00", "24:01", "Mon", "mon", "Mon-Fri", "Mon-", "to_auto", "Europe/Nowhere"]
URLS = [
    "http://dcs.example",
    "https://u@h",
    "https://h/x",
    "https://h:0",
    "https://h:65536",
    "https://h?",
    "https://h#",
]
BAD_WORDS = [*WORDS, *LONG, *NUMBERS, *RATES, *TIMES, *MORE_TIMES, *CLOCKS, *URLS]
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-1100, 1100)
    | st.sampled_from([0.5, -1.5, 256.25, 10**9, 10**8, 10**70])
    | st.sampled_from(BAD_WORDS + BAD_PATTERNS)
    | patterns
)
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from([*FIELDS, "not", "max"]), inner, max_size=2)
    ),
    max_leaves=4,
)
KEYS = ["version", "name", "targets", "eligible", "rules", "default", "limits", "id", "match", "mode", "not", "reason"]
KEYS += ["rollout", "waves", "bake", "poll", "gate", "max_full_sync", "max_failed", "max_call_errors", "on_fail"]
KEYS += ["expires", "priority", "rate", "concurrency", "deadline", "to_auto", "max", "region", "freeze", "percent", ""]
KEYS += ["from", "to", "days", "timezone", "directions", "per_day", "min_population"]
KEYS += ["overrides", "tasks", "ticket", "owner", "created", "override_max_ttl"]


def containers(tree: Any) -> list[Any]:
    inner = tree.values() if isinstance(tree, dict) else tree if isinstance(tree, list) else []
    return [tree, *(each for value in inner for each in containers(value))] if isinstance(tree, dict | list) else []


def change(draw: st.DrawFn, tree: Any) -> None:
    """Put something else, something more or nothing somewhere into *tree*."""
    place = draw(st.sampled_from(containers(tree)))
    kind = draw(st.sampled_from(["replace", "replace", "add", "remove"]))
    if kind == "add" and isinstance(place, dict):
        place[draw(st.sampled_from(KEYS))] = draw(anything)
    elif kind == "add":
        place.append(draw(anything))
    elif place:
        key = draw(st.sampled_from(list(place) if isinstance(place, dict) else range(len(place))))
        if kind == "remove":
            del place[key]
        else:
            place[key] = draw(anything)


@st.composite
def changed_documents(draw: st.DrawFn) -> Any:
    tree = deepcopy(draw(documents))
    for _ in range(draw(st.integers(1, 3))):
        change(draw, tree)
    return tree


def loader_problems(tree: Any) -> list[str]:
    try:
        load_text(json.dumps(tree, ensure_ascii=False).encode(), "p")
    except PolicyError as error:
        return [str(problem) for problem in error.problems]
    return []


def check_agreement(tree: Any) -> None:
    problems = [each for each in loader_problems(tree) if not BEYOND.search(each)]
    accepted = VALIDATOR.is_valid(tree)
    assert accepted == (not problems), problems or list(VALIDATOR.iter_errors(tree))


def test_the_schema_is_one():
    Draft202012Validator.check_schema(schema.document())


@given(documents)
@settings(deadline=timedelta(seconds=2), max_examples=150)
def test_a_good_document_pleases_both(tree):
    assert loader_problems(tree) == []
    assert VALIDATOR.is_valid(tree)


@given(changed_documents())
@settings(deadline=timedelta(seconds=2), max_examples=500)
def test_both_give_the_same_answer_about_a_changed_document(tree):
    check_agreement(tree)


@given(anything)
@settings(deadline=timedelta(seconds=2), max_examples=100)
def test_both_give_the_same_answer_about_anything(tree):
    check_agreement(tree)


def test_every_scalar_is_judged_alike_at_every_place():
    places: dict[str, Any] = {
        "version": lambda value: {"version": value},
        "name": lambda value: {"name": value},
        "default": lambda value: {"default": value},
        "eligible": lambda value: {"eligible": value},
        "field": lambda value: {"eligible": {"status": [value]}},
        **{
            key: lambda value, key=key: {"targets": [{"name": "t", key: value}]}
            for key in ("name", "region", "project_id", "endpoint", "iam_endpoint", "rate")
        },
        **{
            f"rule {key}": lambda value, key=key: {"rules": [{"id": "a", "match": "x", "mode": "auto", key: value}]}
            for key in ("id", "match", "mode", "reason", "expires", "priority")
        },
        **{
            f"limit {key}": lambda value, key=key: {"limits": {key: value}}
            for key in ("rate", "concurrency", "deadline", "min_population")
        },
        **{
            f"freeze {key}": lambda value, key=key: {"freeze": [{"from": "08:00", "to": "20:00", key: value}]}
            for key in ("days", "from", "to", "timezone", "directions", "reason")
        },
        **{
            f"inventory {key}": lambda value, key=key: {"limits": {"inventory": {key: value}}}
            for key in ("min_tasks", "max_shrink", "max_unknown_mode")
        },
        **{
            f"budget {key}": lambda value, key=key: {"limits": {"to_auto": {key: value}}}
            for key in ("max", "percent", "per_day", "per_source_instance", "per_target_instance")
        },
        "wave": lambda value: {"rollout": {"waves": [value]}},
        "max_failed": lambda value: {"rollout": {"gate": {"max_failed": value}}},
        **{
            f"rollout {key}": lambda value, key=key: {"rollout": {key: value}}
            for key in ("waves", "bake", "poll", "gate", "on_fail")
        },
    }
    values = [*BAD_WORDS, *BAD_PATTERNS, *GOOD_PATTERNS, None, False, 0, 1, -1, 2, 256, 257, 1000, 1001, -1001, 10**9]

    for place in places.values():
        for value in values:
            check_agreement({"version": 1, **place(value)})


def test_the_examples_of_the_schema_are_good():
    document = schema.document()

    def examples(part: Any) -> list[tuple[Any, Any]]:
        inner = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
        own = [(part, example) for example in part.get("examples", ())] if isinstance(part, dict) else []
        return own + [each for value in inner for each in examples(value)]

    found = examples(document)

    assert len(found) > 40
    for part, example in found:
        Draft202012Validator({**part, "$defs": document["$defs"]}).validate(example)
