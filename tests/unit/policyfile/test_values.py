"""What each key becomes."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from msgspec.structs import replace

from enforcer.model.limits import DEFAULT_TO_AUTO, DEFAULT_TO_MANUAL, Budget, InventoryLimits, Limits, Rate
from enforcer.model.policy import DEFAULT_ELIGIBLE, Freeze, Policy, Target
from enforcer.model.rule import Match, Origin, PolicyMode, Rule
from enforcer.model.task import ResumeMode
from enforcer.policyfile import load_text


def policy(text: str) -> Policy:
    return load_text(f"version: 1\n{text}".encode(), "nightly.yaml")


def rule(text: str) -> Rule:
    return policy(f"rules:\n- {{id: a, match: x, mode: auto, {text}}}").rules[0]


def match(text: str) -> Match:
    return policy(f"rules:\n- id: a\n  mode: auto\n  match: {text}").rules[0].match


def test_the_smallest_policy_has_every_default():
    loaded = policy("")

    assert loaded == Policy(name="nightly", files=("nightly.yaml",), sha256=loaded.sha256, origins=loaded.origins)
    assert loaded.eligible == DEFAULT_ELIGIBLE
    assert loaded.default is PolicyMode.LEAVE
    assert loaded.limits == Limits()
    assert loaded.limits.to_auto.written == frozenset()


def test_a_full_policy_becomes_what_it_says():
    loaded = policy(
        """\
name: prod
targets:
  - name: prod-eu
    region: eu-west-101
    project_id: 0123456789abcdef0123456789abcdef
    endpoint: https://dcs.example/
    iam_endpoint: http://127.0.0.1:8080
    rate: 60/m
  - {name: plain}
rules:
  - id: wan
    match: {task_name: ["*-wan-*", "dr-*"], not: {source_instance_name: sh-1}}
    mode: manual
    reason: CHG-4411
    expires: 2030-12-31T02:00:00+02:00
    priority: -5
default: auto
limits:
  rate: unlimited
  concurrency: 256
  deadline: 2h
  to_auto: {max: 0, percent: 5%, per_day: 7, per_source_instance: unlimited}
  to_manual: {max: unlimited, per_target_instance: 4}
  min_population: 3
  inventory: {min_tasks: 7, max_shrink: unlimited}
  max_inventory: 9999999
freeze:
  - {days: [Fri-Mon, Wed], from: 22:00, to: 24:00, timezone: Europe/Berlin, directions: to_auto, reason: night}
  - {from: "00:00", to: "06:30"}
"""
    )

    assert loaded == Policy(
        name="prod",
        files=("nightly.yaml",),
        sha256=loaded.sha256,
        origins=loaded.origins,
        targets=(
            Target(
                name="prod-eu",
                region="eu-west-101",
                project_id="0123456789abcdef0123456789abcdef",
                endpoint="https://dcs.example",
                iam_endpoint="http://127.0.0.1:8080",
                rate=Rate(count=60, period=60, text="60/m"),
                origin=Origin(file="nightly.yaml", line=4, column=5),
            ),
            Target(name="plain", origin=Origin(file="nightly.yaml", line=10, column=5)),
        ),
        rules=(
            Rule(
                id="wan",
                match=Match(task_name=("*-wan-*", "dr-*"), not_=Match(source_instance_name=("sh-1",))),
                mode=PolicyMode.MANUAL,
                origin=Origin(file="nightly.yaml", line=12, column=5),
                reason="CHG-4411",
                expires=datetime(2030, 12, 31, tzinfo=UTC),
                priority=-5,
            ),
        ),
        default=PolicyMode.AUTO,
        limits=Limits(
            rate=None,
            concurrency=256,
            deadline_s=7200,
            to_auto=Budget(
                max=0,
                percent=5,
                per_day=7,
                per_target_instance=DEFAULT_TO_AUTO.per_target_instance,
                written=frozenset(["max", "percent", "per_day", "per_source_instance"]),
            ),
            to_manual=replace(
                DEFAULT_TO_MANUAL,
                max=None,
                per_target_instance=4,
                written=frozenset(["max", "per_target_instance"]),
            ),
            min_population=3,
            inventory=InventoryLimits(min_tasks=7, max_shrink=None),
            max_inventory=9_999_999,
        ),
        freeze=(
            Freeze(
                days=frozenset([4, 5, 6, 0, 2]),
                start=22 * 60,
                end=24 * 60,
                zone=ZoneInfo("Europe/Berlin"),
                directions=frozenset([ResumeMode.AUTO]),
                reason="night",
                origin=Origin(file="nightly.yaml", line=29),
            ),
            Freeze(
                days=frozenset(range(7)),
                start=0,
                end=6 * 60 + 30,
                zone=UTC,
                directions=frozenset(ResumeMode),
                origin=Origin(file="nightly.yaml", line=30),
            ),
        ),
    )


def test_a_match_that_is_no_mapping_is_about_the_task_id():
    assert match("8a7f*") == Match(task_id=("8a7f*",))
    assert match("[8a7f*, 6c]") == Match(task_id=("8a7f*", "6c"))
    assert match("{task_name: x, not: [a, b]}") == Match(task_name=("x",), not_=Match(task_id=("a", "b")))


@pytest.mark.parametrize("field", [name for name in Match.__struct_fields__ if name != "not_"])
def test_every_field_of_a_match_is_a_key(field):
    values: dict[str, Any] = {field: ("x",)}
    expected = Match(**values)

    assert match(f"{{{field}: x}}") == expected


@pytest.mark.parametrize("text", ["00112233", "12e03456", "0x1f", "1_000", "no", "on", "True", "22:00", "010", "1.10"])
def test_a_scalar_is_the_text_that_stands_there(text):
    assert match(text) == Match(task_id=(text,))
    assert policy(f"name: {text}").name == text


def test_a_word_that_yaml_reads_as_nothing_stays_a_word_in_quotes():
    assert match('"null"') == Match(task_id=("null",))


def test_an_eligible_replaces_the_default_as_a_whole():
    assert policy("eligible: {status: X}").eligible == Match(status=("X",))
    assert policy("eligible: {not: {status: X}}").eligible == Match(not_=Match(status=("X",)))


def test_an_empty_eligible_is_every_task():
    assert policy("eligible: {}").eligible == Match()


def test_a_budget_keeps_the_built_in_limits_that_it_does_not_write():
    assert policy("limits: {to_auto: {max: 30}}").limits.to_auto == replace(
        DEFAULT_TO_AUTO, max=30, written=frozenset(["max"])
    )


def test_unlimited_is_only_what_is_spelled():
    loaded = policy("limits: {to_auto: {max: unlimited, per_day: 9}, to_manual: {percent: unlimited}}").limits

    written = frozenset(["max", "per_day"])
    assert loaded.to_auto == replace(DEFAULT_TO_AUTO, max=None, per_day=9, written=written)
    assert loaded.to_manual == replace(Limits().to_manual, percent=None, written=frozenset(["percent"]))


def test_empty_limits_are_the_defaults():
    assert policy("limits: {to_auto: {}}").limits == Limits()


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2030-01-02T03:04:05Z", datetime(2030, 1, 2, 3, 4, 5, tzinfo=UTC)),
        ("2030-01-02T03:04:05-02:30", datetime(2030, 1, 2, 5, 34, 5, tzinfo=UTC)),
        ("2030-01-02T03:04:05.5Z", datetime(2030, 1, 2, 3, 4, 5, 500_000, tzinfo=UTC)),
    ],
)
def test_expires_is_an_aware_moment(text, moment):
    assert rule(f"expires: {text}").expires == moment


def test_a_reason_of_several_lines_becomes_one():
    loaded = policy("rules:\n- id: a\n  match: x\n  mode: auto\n  reason: |\n    One\n      two.\n\n    Three.\n")

    assert loaded.rules[0].reason == "One two. Three."


@pytest.mark.parametrize("text", ["1", '"1"', "'1'", "|-\n  1"])
def test_version_1_may_be_spelled_as_text(text):
    assert load_text(f"version: {text}".encode(), "a.yml").name == "a"


@pytest.mark.parametrize(
    ("file", "name"),
    [("a/b/nightly.yaml", "nightly"), ("x.prod.yml", "x.prod"), ("policy", "policy"), ("a.json", "a.json")],
)
def test_the_default_name_is_that_of_the_file(file, name):
    loaded = load_text(b"version: 1", file)

    assert loaded.name == name
    assert loaded.files == (file,)


def test_a_file_name_that_is_no_text_is_shown_as_one():
    loaded = load_text(b"version: 1", "a\ud800\udc80\n.yaml")

    assert loaded.name == r"a\ud800\udc80\n"
    assert loaded.files == (r"a\ud800\udc80\n.yaml",)


def test_the_digest_tells_texts_and_names_apart():
    digests = {
        load_text(text, name).sha256
        for text, name in [(b"version: 1", "a"), (b"version: 1\n", "a"), (b"version: 1", "b")]
    }

    assert len(digests) == 3
    assert load_text(b"version: 1", "x/a").sha256 == load_text(b"version: 1", "y/a").sha256
