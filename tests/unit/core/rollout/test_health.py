import pytest

from enforcer.core.rollout.health import Health, look, objections
from enforcer.model.rollout import Gate
from tests.wishes import a_task


def seen(before, now, health=None):
    tasks = None if now is None else {"t": a_task("t", status=now)}
    return look(health or Health(), [a_task("t", status=before)], tasks)


@pytest.mark.parametrize(
    ("before", "now", "what"),
    [
        ("INCRMIGEATING", "INCRMIGEATING", None),
        ("INCRMIGEATING", "SUCCESS", None),
        ("INCRMIGEATING", "FULLMIGRATING", "full_sync"),
        ("FULLMIGRATING", "FULLMIGRATING", None),
        ("FAILED", "FULLMIGRATING", "full_sync"),
        (None, "FULLMIGRATING", "full_sync"),
        ("INCRMIGEATING", "FAILED", "failed"),
        ("FULLMIGRATING", "MIGRATION_FAILED", "failed"),
        ("FAILED", "MIGRATION_FAILED", None),
        ("INCRMIGEATING", None, "unreadable"),
        ("INCRMIGEATING", "", "unreadable"),
    ],
)
def test_what_counts_is_what_a_task_moved_into(before, now, what):
    expected = Health(**({what: frozenset({"t"})} if what else {}))

    assert expected == (
        seen(before, now) if now is not None else look(Health(), [a_task("t")], {"t": a_task("t", status=None)})
    )


def test_what_could_not_be_listed_and_what_is_missing_is_unreadable():
    tasks = [a_task("t1"), a_task("t2")]

    assert frozenset({"t1", "t2"}) == look(Health(), tasks, None).unreadable
    assert frozenset({"t2"}) == look(Health(), tasks, {"t1": a_task("t1")}).unreadable


def test_a_full_sync_that_is_over_by_the_next_look_still_counts():
    once = seen("INCRMIGEATING", "FULLMIGRATING")

    assert once == seen("INCRMIGEATING", "INCRMIGEATING", once)


@pytest.mark.parametrize(("most", "lets"), [(0, 0), (2, 2), (None, 9)])
def test_an_allowance_is_passed_by_more_than_it(most, lets):
    gate = Gate(max_full_sync=most, max_failed=most, max_call_errors=most)
    ids = [f"t{number}" for number in range(lets + 1)]

    assert () == objections(Health(full_sync=frozenset(ids[:lets]), failed=frozenset(ids[:lets])), lets, gate)
    if most is not None:
        worse = Health(full_sync=frozenset(ids), failed=frozenset(ids))
        assert 3 == len(objections(worse, lets + 1, gate))


def test_unreadable_tasks_count_with_the_failed_ones():
    health = Health(failed=frozenset({"a"}), unreadable=frozenset({"b"}))

    [said] = objections(health, 0, Gate(max_failed=1))

    assert "failed, 1 of them without a status that can be read: 2 > 1 (gate.max_failed)" == said
