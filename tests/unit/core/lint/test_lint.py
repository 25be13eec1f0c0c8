"""Each code has a policy that triggers it and one that does not."""

from datetime import timedelta

import pytest

from enforcer.core.lint import lint
from enforcer.model.finding import CODES
from enforcer.model.limits import Budget, Limits
from enforcer.model.rule import Match, PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task

WHY = "CHG-1: because"


def found(*rules, tasks=None, **fields):
    """Return (code, rule) of each finding about rules with a reason and without, as they come."""
    return [(each.code.name, each.rule) for each in lint(a_policy(*rules, **fields).policy, NOW, tasks)]


def manual(rule_id, **fields):
    return a_rule(rule_id, "manual", **({"reason": WHY} | fields))


REACH = [
    ("a glob within a glob", [{"task_name": ("pay-*",)}, {"task_name": ("pay-1*",)}], True),
    ("a glob around a glob", [{"task_name": ("pay-1*",)}, {"task_name": ("pay-*",)}], False),
    ("a literal in a list", [{"task_id": ("a", "b")}, {"task_id": ("b",)}], True),
    ("two rules together", [{"task_id": ("[a-m]*",)}, {"task_id": ("[!a-m]*",)}, {"task_id": ("?*",)}], True),
    ("two rules with a gap", [{"task_id": ("[a-l]*",)}, {"task_id": ("[!a-m]*",)}, {"task_id": ("?*",)}], False),
    ("narrowed by another field", [{"task_name": ("x*",)}, {"task_name": ("xy",), "status": ("S",)}], True),
    ("widened by a missing field", [{"task_name": ("x*",), "status": ("S",)}, {"task_name": ("xy",)}], False),
    ("another field", [{"task_name": ("x*",)}, {"source_instance_name": ("x1",)}], False),
    ("every name is not every task", [{"task_name": ("*",)}, {"status": ("S",)}], False),
    ("every id is every task", [{"task_id": ("*",)}, {"status": ("S",)}], True),
    ("expressions of one text", [{"task_name": ("re:a+", "b")}, {"task_name": ("re:a+",)}], True),
    ("expressions of two texts", [{"task_name": ("re:a*",)}, {"task_name": ("re:a+",)}], False),
    (
        "with what not leaves out",
        [{"task_name": ("x*",), "not_": Match(task_id=("1",))}, {"task_name": ("xy",)}],
        False,
    ),
    (
        "all but the same",
        [
            {"task_name": ("x*",), "not_": Match(task_id=("1",))},
            {"task_name": ("xy",), "not_": Match(task_id=("1",))},
        ],
        True,
    ),
]


@pytest.mark.parametrize(("matches", "is_covered"), [row[1:] for row in REACH], ids=[row[0] for row in REACH])
def test_a_rule_that_earlier_ones_cover_is_unreachable(matches, is_covered):
    rules = [manual(f"r{place}", match=Match(**match)) for place, match in enumerate(matches)]

    assert found(*rules) == ([("E101", rules[-1].id)] if is_covered else [])


def test_a_rule_that_expires_covers_nothing():
    old = manual("old", task_name=("x*",), expires=NOW + timedelta(days=100))

    assert found(old, manual("new", task_name=("xy",))) == []


def test_the_same_match_with_another_mode_is_a_contradiction():
    first, second = manual("first", task_name=("x*",)), a_rule("second", "auto", task_name=("x*",))

    assert found(first, second) == [("E102", "second")]
    assert found(first, manual("second", task_name=("x*",))) == [("E101", "second")]


@pytest.mark.parametrize(
    ("match", "mode", "expected"),
    [
        ({"task_id": ("*",)}, "auto", True),
        ({"task_name": ("x", "**")}, "auto", True),
        ({"task_id": ("*",)}, "manual", False),
        ({"task_id": ("x*",)}, "auto", False),
        ({"task_id": ("*",), "not_": Match(task_id=("x",))}, "auto", False),
    ],
)
def test_a_catch_all_to_auto_is_remarked(match, mode, expected):
    rules = (a_rule("all", mode, match=Match(**match), reason=WHY),)

    assert found(*rules) == ([("W201", "all")] if expected else [])


@pytest.mark.parametrize(
    ("left", "expected"), [(timedelta(0), "W202"), (timedelta(days=14), "W203"), (timedelta(days=15), None)]
)
def test_a_rule_that_ended_or_ends_soon_is_remarked(left, expected):
    assert found(manual("dated", task_id=("x",), expires=NOW + left)) == ([(expected, "dated")] if expected else [])


@pytest.mark.parametrize(("mode", "expected"), [("manual", True), ("leave", True), ("auto", False)])
def test_holding_a_task_wants_a_reason(mode, expected):
    assert found(a_rule("r", mode, task_id=("x",))) == ([("W204", "r")] if expected else [])


def test_a_rule_whose_tasks_are_all_taken_is_shadowed():
    rules = (manual("first", task_name=("x-1",)), manual("second", task_name=("x-*",)))
    one, other = a_task("1", task_name="x-1"), a_task("2", task_name="x-2")

    assert found(*rules, tasks=[one]) == [("W301", "second")]
    assert found(*rules, tasks=[one, other]) == []


def test_a_rule_for_no_task_is_remarked_once():
    rules = (manual("first", task_name=("x-*",)), manual("again", task_name=("x-1",)))

    assert found(*rules, tasks=[a_task(task_name="y")]) == [("E101", "again"), ("W302", "first")]


def test_tasks_that_are_not_eligible_do_not_count():
    assert found(manual("r", task_name=("x",)), tasks=[a_task(task_name="x", status="SUCCESS")]) == [("W302", "r")]


@pytest.mark.parametrize(
    ("text", "name", "code"),
    [
        ("Pay-*", "pay-1", "W303"),
        (" pay-1", "pay-1", "W303"),
        ("pay-", "pay-1", "W303"),
        ("re:ay", "pay-1", "W304"),
        ("re:^pay", "pay-1", "W304"),
        ("re:ay$", "pay", "W304"),
        ("p*z", "pay-1", "W302"),
        ("re:nothing", "pay-1", "W302"),
    ],
)
def test_a_pattern_that_nearly_matches_says_how(text, name, code):
    assert found(manual("r", task_name=(text,)), tasks=[a_task(task_name=name)]) == [(code, "r")]


@pytest.mark.parametrize(("most", "expected"), [(1, True), (2, False), (None, False)])
def test_a_rule_that_asks_for_more_than_the_budget_is_remarked(most, expected):
    tasks = [a_task(str(n), task_name=f"x-{n}") for n in range(2)]
    tasks.append(a_task("3", task_name="x-3", resume_mode=ResumeMode.AUTO))
    limits = Limits(to_auto=Budget(max=most))

    assert found(a_rule("r", "auto", task_name=("x*",)), tasks=tasks, limits=limits) == (
        [("W305", "r")] if expected else []
    )


def test_many_rules_are_judged_in_time_that_does_not_explode():
    rules = [manual(f"r{n}", task_name=(f"*-{n}-wan", f"dr-{n}-*")) for n in range(500)]
    rules += [manual(f"s{n}", task_name=(f"*x{n}y*",), status=("S",)) for n in range(200)]

    assert found(*rules) == []


def test_a_default_of_leave_has_nothing_to_remark():
    assert found(default=PolicyMode.LEAVE) == []


def test_codes_are_named_after_themselves():
    assert all(name == code.name for name, code in CODES.items())
