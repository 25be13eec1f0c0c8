import pytest

from enforcer.core.authoring.trial import failures, outcomes, untested, without_a_test
from enforcer.model.expectation import Expectation
from enforcer.model.rule import Origin, PolicyMode
from tests.unit.core.authoring.test_explain import an_override
from tests.wishes import NOW, a_policy, a_rule, a_task

POLICY = a_policy(a_rule("wan", "manual", task_name=("*-wan-*",)), a_rule("pay", "auto", task_name=("pay-*",)))


def expecting(mode=None, decided_by=None, task=None, **fields):
    return Expectation(
        name="t",
        task=task or a_task(task_name="pay-1"),
        origin=Origin(file="p.yaml", line=9),
        mode=None if mode is None else PolicyMode(mode),
        decided_by=decided_by,
        **fields,
    )


def complaint(expectation):
    (outcome,) = outcomes(POLICY, [expectation], (), NOW)
    return outcome.complaint


@pytest.mark.parametrize(
    ("expectation", "expected"),
    [
        (expecting("auto", "pay"), None),
        (expecting("auto"), None),
        (expecting(decided_by="pay"), None),
        (expecting("manual"), "expected manual, got auto by pay"),
        (expecting("auto", "wan"), "expected auto by wan, got auto by pay"),
        (expecting("leave", "default", a_task(task_name="x")), None),
        (expecting("leave", "not eligible", a_task(status="SUCCESS")), None),
        (expecting("manual", "override o1", overrides=(an_override(),)), None),
    ],
)
def test_a_test_says_how_the_decision_differs(expectation, expected):
    assert complaint(expectation) == expected


def test_a_failure_is_an_error_at_the_test_s_own_place():
    tried = outcomes(POLICY, [expecting("manual"), expecting("auto")], (), NOW)

    assert [(each.code.name, str(each.origin)) for each in failures(tried)] == [("E103", "p.yaml:9")]


def test_rules_that_no_test_decides_are_named_if_there_are_tests_at_all():
    tried = outcomes(POLICY, [expecting("auto")], (), NOW)

    assert [rule.id for rule in untested(POLICY.policy.rules, tried)] == ["wan"]
    assert [each.rule for each in without_a_test(POLICY.policy.rules, tried)] == ["wan"]
    assert list(without_a_test(POLICY.policy.rules, ())) == []
