from datetime import timedelta
from typing import Any

from enforcer.core.authoring.explain import explain, first_miss
from enforcer.core.overrides.compiled import NO_OVERRIDES, CompiledOverrides
from enforcer.model.explanation import Verdict
from enforcer.model.override import Override
from enforcer.model.rule import Match, PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task


def an_override(name="o1", mode=PolicyMode.MANUAL, patterns=("8a*",), **fields):
    given: dict[str, Any] = {
        "reason": "INC-1 because",
        "created": NOW,
        "expires": NOW + timedelta(hours=1),
        "owner": "li",
    }
    return Override(id=name, patterns=patterns, mode=mode, **(given | fields))


def verdicts(explanation):
    return [(rung.name, rung.verdict) for rung in explanation.rungs]


def test_the_ladder_shows_everything_that_was_asked_in_its_order():
    policy = a_policy(
        a_rule("miss", "manual", task_name=("x*",)),
        a_rule("old", "manual", task_id=("*",), expires=NOW),
        a_rule("wins", "auto", task_id=("8a*",)),
        a_rule("late", "manual", task_id=("8*",)),
    )

    told = explain(a_task(), policy, NO_OVERRIDES, NOW)

    assert verdicts(told) == [
        ("eligible", Verdict.PASSED),
        ("rule miss", Verdict.MISS),
        ("rule old", Verdict.OVER),
        ("rule wins", Verdict.DECIDES),
        ("rule late", Verdict.HIT),
        ("default", Verdict.HIT),
    ]
    assert (told.decided_by, told.otherwise_by) == ("wins", "late")
    assert told.otherwise.desired is ResumeMode.MANUAL


def test_a_miss_says_what_was_wanted_and_what_the_task_has():
    assert first_miss(a_task(task_name="y"), Match(task_name=("x*", "z"))) == "task_name is not 'x*' or 'z': 'y'"
    assert first_miss(a_task(task_name=None), Match(task_name=("*",))) == "task_name is not '*': not reported"
    excluded = Match(task_id=("*",), not_=Match(task_name=("y",)))
    assert first_miss(a_task(task_name="y"), excluded) == "not: task_name is 'y'"
    assert first_miss(a_task(task_name="x"), excluded) is None


def test_many_patterns_are_counted():
    assert first_miss(a_task(), Match(task_id=tuple("bcdefgh"))).endswith("or one of 2 more: '8a7f03c1'")


def test_an_override_stands_above_every_rule_and_is_what_otherwise_takes_away():
    overrides = CompiledOverrides((an_override(), an_override("over", expires=NOW, created=NOW - timedelta(hours=1))))

    told = explain(a_task(), a_policy(a_rule("r", "auto", task_id=("*",))), overrides, NOW)

    assert ("override o1", Verdict.DECIDES) in verdicts(told)
    assert ("override over", Verdict.OVER) in verdicts(told)
    assert ("rule r", Verdict.HIT) in verdicts(told)
    assert (told.decided_by, told.otherwise_by) == ("override o1", "r")


def test_a_task_that_is_not_eligible_has_nothing_else_to_win():
    told = explain(a_task(status="SUCCESS"), a_policy(a_rule("r", "auto", task_id=("*",))), NO_OVERRIDES, NOW)

    assert told.rungs[0].verdict is Verdict.DECIDES
    assert told.rungs[0].detail.startswith("status is not 'MIGRATING'")
    assert (told.decided_by, told.otherwise) == ("not eligible", None)
