import pytest

from enforcer.core.rollout.risk import Sharing, order, rate
from enforcer.model.plan import Cause, Change
from enforcer.model.route import Risk
from enforcer.model.task import NO_BANDWIDTH_LIMIT, ResumeMode
from tests.wishes import a_task


def known(task_id="t1", **fields):
    """A task of which everything is known, and that shares nothing."""
    given = {
        "source_instance_id": f"source of {task_id}",
        "target_instance_id": f"target of {task_id}",
        "bandwidth_limit_mb": 20,
    }
    return a_task(task_id, **(given | fields))


def rated(task, *others, priority=0):
    change = Change(task=task, desired=ResumeMode.AUTO, cause=Cause(name="r", priority=priority))
    return rate(change, Sharing([task, *others]))


@pytest.mark.parametrize(
    ("fields", "risk", "reasons"),
    [
        pytest.param({}, Risk.LOW, (), id="everything is known and nothing shared"),
        pytest.param({"source_instance_id": "s"}, Risk.MEDIUM, ("source shared by 3",), id="source"),
        pytest.param({"target_instance_id": "t"}, Risk.MEDIUM, ("target shared by 2",), id="target"),
        pytest.param({"bandwidth_limit_mb": NO_BANDWIDTH_LIMIT}, Risk.MEDIUM, ("no bandwidth limit",), id="no limit"),
        pytest.param({"bandwidth_limit_mb": None}, Risk.MEDIUM, ("bandwidth limit not known",), id="limit unknown"),
        pytest.param({"source_instance_id": None}, Risk.MEDIUM, ("source instance not reported",), id="no source"),
        pytest.param({"target_instance_id": ""}, Risk.MEDIUM, ("target instance not reported",), id="empty target"),
        pytest.param(
            {"source_instance_id": "s", "bandwidth_limit_mb": NO_BANDWIDTH_LIMIT},
            Risk.HIGH,
            ("source shared by 3", "no bandwidth limit"),
            id="shared and unbounded",
        ),
        pytest.param(
            {"target_instance_id": "t", "bandwidth_limit_mb": None},
            Risk.HIGH,
            ("target shared by 2", "bandwidth limit not known"),
            id="shared, and nothing known to bound it",
        ),
    ],
)
def test_the_risk_and_what_it_comes_from(fields, risk, reasons):
    others = [
        known("o1", source_instance_id="s"),
        known("o2", source_instance_id="s", target_instance_id="t"),
        known("over", source_instance_id="s", target_instance_id="t", status="SUCCESS"),
    ]

    found = rated(known(**fields), *others)

    assert (risk, reasons) == (found.risk, found.reasons)


def test_a_task_in_an_unknown_status_counts_as_a_neighbour():
    found = rated(known(source_instance_id="s"), known("o", source_instance_id="s", status=None))

    assert ("source shared by 2",) == found.reasons


def test_tasks_without_an_instance_do_not_share_one():
    found = rated(known(source_instance_id=""), known("o", source_instance_id=""))

    assert ("source instance not reported",) == found.reasons


def test_lowest_risk_goes_first_then_priority_then_id():
    low = rated(known("z"))
    urgent = rated(known("y", bandwidth_limit_mb=None), priority=5)
    first, second = (rated(known(task_id, bandwidth_limit_mb=None)) for task_id in ("a", "b"))

    assert [low, urgent, first, second] == sorted([second, first, urgent, low], key=order)
