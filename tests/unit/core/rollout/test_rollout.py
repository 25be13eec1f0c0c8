import pytest

from enforcer.core.rollout.waves import route, steps
from enforcer.model.plan import Cause, Change
from enforcer.model.rollout import ALL, Rollout, Share
from enforcer.model.task import ResumeMode
from tests.wishes import a_task

EXAMPLE = (Share(number=1), Share(number=3), Share(number=25, is_percent=True), ALL)


@pytest.mark.parametrize(
    ("total", "made"),
    [
        (0, (0,)),
        (1, (0, 1)),
        (2, (0, 1, 2)),
        (3, (0, 1, 3)),
        (4, (0, 1, 3, 4)),
        (6, (0, 1, 3, 6)),
        (15, (0, 1, 3, 15)),
        (16, (0, 1, 3, 4, 16)),
        (40, (0, 1, 3, 10, 40)),
    ],
)
def test_the_example_s_shares_are_cumulative_and_rounded_down(total, made):
    assert made == steps(total, EXAMPLE)


@pytest.mark.parametrize(
    ("shares", "made"),
    [
        pytest.param((ALL,), (0, 10), id="all at once"),
        pytest.param((Share(number=2),), (0, 2, 10), id="the rest goes in one more"),
        pytest.param((Share(number=10),), (0, 10), id="exactly all"),
        pytest.param((Share(number=99),), (0, 10), id="more than there are"),
        pytest.param((Share(number=1, is_percent=True), ALL), (0, 1, 10), id="a percentage is at least one change"),
        pytest.param((Share(number=5), Share(number=2)), (0, 5, 10), id="one that goes no further is left out"),
    ],
)
def test_whatever_the_shares_the_last_wave_makes_the_rest(shares, made):
    assert made == steps(10, shares)


def test_changes_to_manual_go_first_in_their_order_and_the_others_in_waves():
    changes = [a_change("m2", ResumeMode.MANUAL), a_change("a2"), a_change("m1", ResumeMode.MANUAL), a_change("a1")]

    way = route("prod", changes, [change.task for change in changes], Rollout())

    assert ["m2", "m1"] == [change.task.task_id for change in way.first]
    assert [["a1"], ["a2"]] == [[each.change.task.task_id for each in wave] for wave in way.waves]


def test_without_changes_to_auto_there_is_no_wave():
    change = a_change("m", ResumeMode.MANUAL)

    assert () == route("prod", [change], [change.task], Rollout()).waves


def a_change(task_id, desired=ResumeMode.AUTO):
    return Change(task=a_task(task_id), desired=desired, cause=Cause(name="r"))
