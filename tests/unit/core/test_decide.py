from datetime import timedelta
from typing import Any

import pytest

from enforcer.core.decide import decide
from enforcer.model.plan import Ground
from enforcer.model.policy import Match, PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task


def test_the_first_matching_rule_decides():
    policy = a_policy(a_rule("one", "manual", task_id=("8a*",)), a_rule("two", "auto", task_id=("8a7f03c1",)))

    decision = decide(a_task(), policy, NOW)

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

        assert decide(a_task(), policy, NOW).rule.id == "r0"


def test_every_field_of_a_match_has_to_hit():
    policy = a_policy(a_rule("both", task_id=("8a*",), source_instance_name=("sh-*",)))

    assert decide(a_task(source_instance_name="sh-1"), policy, NOW).ground is Ground.RULE
    assert decide(a_task(source_instance_name="bj-1"), policy, NOW).ground is Ground.DEFAULT
    assert decide(a_task(source_instance_name=None), policy, NOW).ground is Ground.DEFAULT


def test_any_pattern_of_a_list_hits():
    policy = a_policy(a_rule("list", task_name=("dr-*", "*-wan-*")))

    assert decide(a_task(task_name="sh-wan-2"), policy, NOW).ground is Ground.RULE
    assert decide(a_task(task_name="dr-1"), policy, NOW).ground is Ground.RULE
    assert decide(a_task(task_name="pay-1"), policy, NOW).ground is Ground.DEFAULT


def test_a_field_that_the_api_left_out_matches_nothing_but_not():
    policy = a_policy(
        a_rule("any-name", "manual", task_name=("*",)),
        a_rule("not-x", "auto", match=Match(task_id=("*",), not_=Match(task_name=("x*",)))),
    )

    assert decide(a_task(task_name=None), policy, NOW).rule.id == "not-x"


def test_not_excludes_only_what_matches_all_of_it():
    excluded = Match(task_name=("x*",), status=("FULLMIGRATING",))
    policy = a_policy(a_rule("r", match=Match(task_id=("*",), not_=excluded)))

    assert decide(a_task(task_name="x1"), policy, NOW).ground is Ground.RULE
    assert decide(a_task(task_name="x1", status="FULLMIGRATING"), policy, NOW).ground is Ground.DEFAULT


def test_an_expired_rule_no_longer_matches_from_its_very_moment_on():
    policy = a_policy(a_rule("old", task_id=("*",), expires=NOW))

    assert decide(a_task(), policy, NOW - timedelta(seconds=1)).ground is Ground.RULE
    assert decide(a_task(), policy, NOW).ground is Ground.DEFAULT


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
    decision = decide(a_task(**fields), a_policy(a_rule("all", task_id=("*",))), NOW)

    assert (None, Ground.NOT_ELIGIBLE) == (decision.desired, decision.ground)


@pytest.mark.parametrize("status", ["MIGRATING", "FULLMIGRATING", "INCRMIGEATING", "INCRMIGRATING"])
def test_both_spellings_of_the_incremental_state_are_eligible(status):
    policy = a_policy(default=PolicyMode.AUTO)

    assert decide(a_task(status=status), policy, NOW).desired is ResumeMode.AUTO


def test_leave_means_leave():
    policy = a_policy(a_rule("rest", "leave", task_id=("*",)), default=PolicyMode.AUTO)

    decision = decide(a_task(), policy, NOW)

    assert (None, Ground.RULE) == (decision.desired, decision.ground)


def test_a_rule_can_ask_for_a_target():
    policy = a_policy(a_rule("eu", target=("prod-*",)))

    assert decide(a_task(target="prod-eu"), policy, NOW).ground is Ground.RULE
    assert decide(a_task(target="test"), policy, NOW).ground is Ground.DEFAULT
