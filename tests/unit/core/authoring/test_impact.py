from enforcer.core.authoring.impact import impact
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_rule, a_task

A, B, C, D = (a_task(name, task_name=name) for name in "abcd")
OLD = a_policy(
    a_rule("first", "manual", task_name=("a",)),
    a_rule("second", "manual", task_name=("[bc]",)),
    default=PolicyMode.AUTO,
)
NEW = a_policy(
    a_rule("moved", "auto", task_name=("a",)), a_rule("other", "manual", task_name=("b",)), default=PolicyMode.AUTO
)


def names(moves):
    return [each.task.task_id for each in moves]


def test_an_edit_is_told_apart_from_drift_that_is_there_anyway():
    found = impact((A, B, C, D), (OLD, NO_OVERRIDES), (NEW, NO_OVERRIDES), NOW)

    assert found.tasks == 4
    assert names(found.moved) == ["a", "c"]
    assert names(found.drifting) == ["d"], "auto is desired before and after, and it is manual"
    assert names(found.unmatched) == ["c"]
    assert names(found.rerouted) == ["b"]
    assert names(found.desiring(ResumeMode.AUTO)) == ["a", "c"]
    assert found.desiring(ResumeMode.MANUAL) == ()


def test_the_same_policy_moves_nothing():
    found = impact((A, B, C, D), (OLD, NO_OVERRIDES), (OLD, NO_OVERRIDES), NOW)

    assert (found.moved, found.unmatched, found.rerouted) == ((), (), ())
