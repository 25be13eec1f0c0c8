"""What is left of a day's budget, for whom, and when it frees."""

from enforcer.core.admission.allowance import allowances
from enforcer.model.allowance import Known
from enforcer.model.history import DAY_S, History, Spent
from enforcer.model.limits import Budget, Limits
from enforcer.model.policy import Target
from enforcer.model.task import ResumeMode
from tests.wishes import a_policy

EU = Known(endpoint="https://eu.example:443", project_id="p-eu", names=("prod-eu", "eu"))
AP = Known(endpoint="https://ap.example:443", project_id="p-ap", names=("prod-ap",))


def spent(*times, direction=ResumeMode.AUTO):
    return History(spent=tuple(Spent(task_id=f"t{at}", direction=direction, at=at) for at in times))


def policy(*targets, **limits):
    return a_policy(targets=targets, limits=Limits(**limits)).policy


def test_what_was_sent_is_taken_off_and_frees_a_day_later():
    auto, manual = allowances({EU: spent(10.0, 20.0)}, policy(to_auto=Budget(per_day=5), to_manual=Budget()))

    assert (auto.direction, auto.sent, auto.per_day, auto.left) == (ResumeMode.AUTO, 2, 5, 3)
    assert (auto.frees_at, auto.all_free_at) == (10.0 + DAY_S, 20.0 + DAY_S)
    assert (manual.direction, manual.sent, manual.per_day, manual.left) == (ResumeMode.MANUAL, 0, None, None)
    assert (manual.frees_at, manual.all_free_at) == (None, None)


def test_more_than_the_budget_leaves_none():
    auto, _ = allowances({EU: spent(1.0, 2.0)}, policy(to_auto=Budget(per_day=1)))

    assert auto.left == 0


def test_without_a_policy_every_place_says_what_was_sent():
    found = allowances({EU: spent(1.0), AP: spent(1.0, 2.0)}, None)

    assert [(each.target, each.sent, each.left) for each in found if each.direction is ResumeMode.AUTO] == [
        ("prod-eu", 1, None),
        ("prod-ap", 2, None),
    ]


def test_a_policy_s_targets_are_known_by_project_else_by_name_and_new_ones_are_whole():
    found = allowances(
        {EU: spent(1.0), AP: spent(1.0, 2.0)},
        policy(
            Target(name="mine", project_id="p-ap"),
            Target(name="eu"),
            Target(name="eu-lab", endpoint="https://lab.example", project_id="p-eu"),
            to_auto=Budget(per_day=9),
        ),
    )

    assert [(each.target, each.project_id, each.left) for each in found if each.direction is ResumeMode.AUTO] == [
        ("mine", "p-ap", 7),
        ("eu", "p-eu", 8),
        ("eu-lab", None, 9),
    ]
