from enforcer.core.lint import lint, suppressed
from enforcer.model.finding import Suppression
from enforcer.model.rule import Origin
from tests.wishes import NOW, a_policy, a_rule

# The rule's own origin is line 3.
FOUND = lint(a_policy(a_rule("all", "auto", task_id=("*",))).policy, NOW)


def a_suppression(*codes, line=3, reason="ours"):
    return Suppression(origin=Origin(file="p.yaml", line=2), line=line, codes=codes, reason=reason)


def left(*suppressions):
    return [each.code.name for each in suppressed(FOUND, suppressions)]


def test_a_finding_is_passed_over_for_a_reason():
    assert left() == ["W201"]
    assert left(a_suppression("W201")) == []
    assert left(a_suppression("W201", "W204")) == ["W206"]


def test_without_a_reason_or_a_code_nothing_is_passed_over():
    assert left(a_suppression("W201", reason=None)) == ["W201", "E104"]
    assert left(a_suppression()) == ["W201", "E104"]


def test_another_line_or_code_is_remarked():
    assert left(a_suppression("W201", line=9)) == ["W201", "W206"]
    assert left(a_suppression("W999")) == ["W201", "W206"]
