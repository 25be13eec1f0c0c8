from enforcer.core.fold.summary import fold
from enforcer.core.overrides.incident import NOT_LISTED, Author, compare
from enforcer.model.task import ResumeMode
from tests import builders as b
from tests.wishes import a_policy, a_task, an_override

OVERRIDE = an_override("INC-1", "manual", "pay-*")
SOMEBODY = Author(run_id="later", command="apply", by="root on ops-1", at=1.0)


def its_run(*verified, failed=()):
    """What the incident's run did, as its report has it."""
    planned = [
        b.a_change_planned(task_id, before=ResumeMode.AUTO, desired=ResumeMode.MANUAL)
        for task_id in (*verified, *failed)
    ]
    sent = [each for task_id in verified for each in (b.a_change_attempted(task_id), b.a_change_acked(task_id))]
    not_sent = [each for task_id in failed for each in (b.a_change_attempted(task_id), b.a_change_failed(task_id))]
    return fold(b.entries(b.a_run_started(), *planned, b.a_plan_built(len(planned)), *sent, *not_sent))


def a_row(task_id, mode="manual", name="pay-1", **fields):
    return a_task(task_id, target=b.TARGET, task_name=name, resume_mode=mode and ResumeMode(mode), **fields)


def compared(report, *tasks, override=OVERRIDE, authors=None):
    return compare(override, report, tasks, a_policy(), authors or {})


def test_what_is_as_it_was_set_is_counted_and_what_is_not_is_named_with_its_author():
    state = compared(its_run("a", "b", "c"), a_row("a"), a_row("b", "auto"), a_row("c", None), authors={"b": SOMEBODY})

    assert (3, 1) == (state.set, state.still)
    assert [("b", "auto", SOMEBODY), ("c", None, None)] == [
        (each.task_id, each.observed, each.author) for each in state.moved
    ]
    assert all(each.was_set for each in state.moved)


def test_a_task_that_is_no_longer_listed_is_told_as_such():
    (moved,) = compared(its_run("a")).moved

    assert ("a", None, NOT_LISTED) == (moved.task_id, moved.observed, moved.note)


def test_what_could_not_be_set_is_told_apart():
    state = compared(its_run("a", failed=("b",)), a_row("a"), a_row("b", "auto"))

    assert (1, 1, ["b"]) == (state.set, state.still, [task.task_id for task in state.not_set])
    assert [("b", False)] == [(each.task_id, each.was_set) for each in state.moved]


def test_tasks_that_came_later_are_told_if_the_incident_names_them_and_they_are_eligible():
    state = compared(
        its_run(),
        a_row("new", "auto"),
        a_row("done", "auto", status="SUCCESS"),
        a_row("other", "auto", name="dr-1"),
        a_row("fine", "manual"),
    )

    assert [("new", False)] == [(each.task_id, each.was_set) for each in state.moved]


def test_an_incident_that_leaves_tasks_alone_wants_nothing_of_them():
    state = compared(its_run(), a_row("a", "auto"), override=an_override("INC-1", "leave", "pay-*"))

    assert (0, 0, ()) == (state.set, state.still, state.moved)
