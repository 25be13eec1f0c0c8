from datetime import timedelta
from typing import Any

import pytest

from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import NO_OVERRIDES, CompiledOverrides
from enforcer.model.plan import Ground
from enforcer.model.rule import Match, PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task, an_override


def test_the_first_matching_rule_decides():
    policy = a_policy(a_rule("one", "manual", task_id=("8a*",)), a_rule("two", "auto", task_id=("8a7f03c1",)))

    decision = decide(a_task(), policy, NO_OVERRIDES, NOW)

    assert (ResumeMode.MANUAL, "one") == (decision.desired, decision.rule.id)


def test_the_first_rule_wins_however_the_rules_are_filed():
    """Exact ids, prefixes, suffixes, sets and rules without any positive field are looked up in different places."""
    matches: list[dict[str, Any]] = [
        {"match": Match(not_=Match(task_name=("x*",)))},
        {"task_name": ("re:name-of-.*",)},
        {"task_id": ("*03c1",)},
        {"task_id": ("8a*",)},
        {"task_id": ("8a7f03c1",)},
        {"task_name": ("*",)},
    ]
    for first in range(len(matches)):
        order = matches[first:] + matches[:first]
        policy = a_policy(*(a_rule(f"r{place}", **dict(match)) for place, match in enumerate(order)))

        assert decide(a_task(), policy, NO_OVERRIDES, NOW).rule.id == "r0"


def test_every_field_of_a_match_has_to_hit():
    policy = a_policy(a_rule("both", task_id=("8a*",), source_instance_name=("sh-*",)))

    assert decide(a_task(source_instance_name="sh-1"), policy, NO_OVERRIDES, NOW).ground is Ground.RULE
    assert decide(a_task(source_instance_name="bj-1"), policy, NO_OVERRIDES, NOW).ground is Ground.DEFAULT
    assert decide(a_task(source_instance_name=None), policy, NO_OVERRIDES, NOW).ground is Ground.DEFAULT


def test_any_pattern_of_a_list_hits():
    policy = a_policy(a_rule("list", task_name=("dr-*", "*-wan-*")))

    assert decide(a_task(task_name="sh-wan-2"), policy, NO_OVERRIDES, NOW).ground is Ground.RULE
    assert decide(a_task(task_name="dr-1"), policy, NO_OVERRIDES, NOW).ground is Ground.RULE
    assert decide(a_task(task_name="pay-1"), policy, NO_OVERRIDES, NOW).ground is Ground.DEFAULT


def test_a_field_that_the_api_left_out_matches_nothing_but_not():
    policy = a_policy(
        a_rule("any-name", "manual", task_name=("*",)),
        a_rule("not-x", "auto", match=Match(task_id=("*",), not_=Match(task_name=("x*",)))),
    )

    assert decide(a_task(task_name=None), policy, NO_OVERRIDES, NOW).rule.id == "not-x"


def test_not_excludes_only_what_matches_all_of_it():
    excluded = Match(task_name=("x*",), status=("FULLMIGRATING",))
    policy = a_policy(a_rule("r", match=Match(task_id=("*",), not_=excluded)))

    assert decide(a_task(task_name="x1"), policy, NO_OVERRIDES, NOW).ground is Ground.RULE
    assert decide(a_task(task_name="x1", status="FULLMIGRATING"), policy, NO_OVERRIDES, NOW).ground is Ground.DEFAULT


def test_an_expired_rule_no_longer_matches_from_its_very_moment_on():
    policy = a_policy(a_rule("old", task_id=("*",), expires=NOW))

    assert decide(a_task(), policy, NO_OVERRIDES, NOW - timedelta(seconds=1)).ground is Ground.RULE
    assert decide(a_task(), policy, NO_OVERRIDES, NOW).ground is Ground.DEFAULT


@pytest.mark.parametrize(
    "fields",
    [
        {"migration_type": "backupfile_import"},
        {"migration_method": "full_amount_migration"},
        {"status": "TERMINATED"},
        {"status": "SOMETHING_NEW"},
        {"status": None},
    ],
    ids=str,
)
def test_a_task_that_is_not_eligible_is_left_alone_whatever_the_rules_say(fields):
    decision = decide(a_task(**fields), a_policy(a_rule("all", task_id=("*",))), NO_OVERRIDES, NOW)

    assert (None, Ground.NOT_ELIGIBLE) == (decision.desired, decision.ground)


@pytest.mark.parametrize("status", ["MIGRATING", "FULLMIGRATING", "INCRMIGEATING", "INCRMIGRATING"])
def test_both_spellings_of_the_incremental_state_are_eligible(status):
    policy = a_policy(default=PolicyMode.AUTO)

    assert decide(a_task(status=status), policy, NO_OVERRIDES, NOW).desired is ResumeMode.AUTO


def test_leave_means_leave():
    policy = a_policy(a_rule("rest", "leave", task_id=("*",)), default=PolicyMode.AUTO)

    decision = decide(a_task(), policy, NO_OVERRIDES, NOW)

    assert (None, Ground.RULE) == (decision.desired, decision.ground)


def test_a_rule_can_ask_for_a_target():
    policy = a_policy(a_rule("eu", target=("prod-*",)))

    assert decide(a_task(target="prod-eu"), policy, NO_OVERRIDES, NOW).ground is Ground.RULE
    assert decide(a_task(target="test"), policy, NO_OVERRIDES, NOW).ground is Ground.DEFAULT


def decided(*overrides, task=None, at=NOW):
    policy = a_policy(a_rule("all", "auto", task_id=("*",)))
    return decide(task or a_task(), policy, CompiledOverrides(overrides), at)


@pytest.mark.parametrize(
    ("mode", "desired"), [("auto", ResumeMode.AUTO), ("manual", ResumeMode.MANUAL), ("leave", None)]
)
def test_an_override_goes_before_every_rule(mode, desired):
    decision = decided(an_override("o", mode, "8a*"))

    assert (desired, Ground.OVERRIDE, "o") == (decision.desired, decision.ground, decision.override.id)


def test_an_override_does_not_make_a_task_eligible():
    assert decided(an_override("o"), task=a_task(status="SUCCESS")).ground is Ground.NOT_ELIGIBLE


def test_an_override_names_tasks_by_id_or_by_name():
    assert decided(an_override("o", "manual", "name-of-*")).ground is Ground.OVERRIDE
    assert decided(an_override("o", "manual", "8a7f03c1")).ground is Ground.OVERRIDE
    assert decided(an_override("o", "manual", "8a7f", "other-*")).ground is Ground.RULE
    assert decided(an_override("o", "manual", "8a7f03c1"), task=a_task(task_name=None)).ground is Ground.OVERRIDE


def test_an_override_for_a_target_holds_there_only():
    assert decided(an_override("o", targets=("prod", "test"))).ground is Ground.OVERRIDE
    assert decided(an_override("o", targets=("test",))).ground is Ground.RULE


def test_an_override_holds_until_it_expires_or_is_ended():
    override = an_override("o", expires=NOW)
    ended = an_override("o", ended_at=NOW - timedelta(minutes=1), ended_by="li.wei on ops-1")

    assert decided(override, at=NOW - timedelta(seconds=1)).ground is Ground.OVERRIDE
    assert decided(override).ground is Ground.RULE
    assert decided(ended, at=NOW - timedelta(minutes=2)).ground is Ground.OVERRIDE
    assert decided(ended).ground is Ground.RULE


def test_a_host_whose_clock_is_behind_honours_what_another_host_added():
    assert decided(an_override("o", created=NOW + timedelta(minutes=7))).ground is Ground.OVERRIDE


def test_of_several_overrides_the_safest_decides_and_those_of_no_force_have_no_word():
    auto, manual, leave = (an_override(mode, mode) for mode in ("auto", "manual", "leave"))
    expired = an_override("expired", "leave", expires=NOW)

    assert decided(auto, manual, leave).override.id == "leave"
    assert decided(auto, expired, manual).override.id == "manual"
    assert decided(expired, auto).override.id == "auto"


def test_of_two_overrides_that_agree_the_one_that_lasts_longest_is_named():
    short, long = an_override("a"), an_override("b", expires=NOW + timedelta(hours=9))

    assert decided(short, long).override.id == "b"


def test_conflicts_are_told_with_the_number_of_tasks_that_they_are_about():
    overrides = CompiledOverrides(
        [
            an_override("pay", "auto", "name-of-pay*"),
            an_override("all", "manual", "*"),
            an_override("agrees", "manual", "x*"),
            an_override("gone", "leave", "*", expires=NOW),
        ]
    )
    tasks = [a_task("pay1"), a_task("pay2"), a_task("x1")]

    (conflict,) = overrides.conflicts(tasks, NOW)

    assert (["all", "pay"], 2) == ([each.id for each in conflict.overrides], conflict.tasks)
