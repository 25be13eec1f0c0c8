"""Earlier runs are settled by what the next one reads, never by sending."""

from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    ChangeFailed,
    ChangeGone,
    ChangeVerified,
    Entry,
    Event,
    RunInterrupted,
    RunRecovered,
    RunSettled,
)
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.run.enforce import enforce
from enforcer.run.settle import Past
from tests import builders as b
from tests.fakes import FakeApi, FakeRecords, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_task, a_wish

LEAVE_ALL = a_policy(default=PolicyMode.LEAVE)
LATER = b.STARTED_AT + 3600


def a_dead_run(*task_ids, ref=None, run_id=b.RUN_ID):
    ref = ref or replace(a_site(FakeApi.of([]), Notebook()).ref, name="called otherwise")
    planned = [b.a_change_planned(task_id, target=ref.name) for task_id in task_ids]
    attempted = [b.a_change_attempted(task_id, target=ref.name) for task_id in task_ids]
    return b.entries(b.a_run_started(run_id=run_id, targets=(ref,)), *planned, *attempted)


async def run_after(records, *tasks, at=LATER, settle_s=0.0, script=None):
    api = FakeApi.of(tasks, script=script or {})
    notes = Notebook(settle_s=settle_s)
    past = Past(b.LATER_RUN, records, lambda: at)
    await enforce([a_site(api, notes)], a_wish(LEAVE_ALL), notes.conduct, past=past, confirm=_never)
    return api, notes


async def _never(_plans):
    raise AssertionError("nothing is to be sent")


def states(records):
    return {task.task_id: task.state.value for target in fold(records.runs[b.RUN_ID]).targets for task in target.tasks}


async def test_each_open_change_is_settled_by_the_list_and_nothing_is_sent():
    records = FakeRecords(a_dead_run("taken", "not-taken", "gone"))

    api, notes = await run_after(
        records, a_task("taken", resume_mode=ResumeMode.AUTO), a_task("not-taken", resume_mode=ResumeMode.MANUAL)
    )

    assert api.puts == []
    assert states(records) == {"taken": "verified", "not-taken": "failed", "gone": "gone"}
    kinds = [type(event) for event in records.of(b.RUN_ID)[-5:]]
    assert kinds == [RunInterrupted, ChangeVerified, ChangeFailed, ChangeGone, RunSettled]
    (told,) = notes.of(RunRecovered)
    assert (told.earlier_run, told.died) == (b.RUN_ID, True)
    assert (told.verified, told.not_applied, told.gone, told.still_open) == (1, 1, 1, 0)


async def test_a_settled_run_is_left_in_peace():
    records = FakeRecords(a_dead_run("t1"))
    await run_after(records, a_task("t1", resume_mode=ResumeMode.AUTO))
    length = len(records.of(b.RUN_ID))

    _, notes = await run_after(records, a_task("t1", resume_mode=ResumeMode.MANUAL))

    assert len(records.of(b.RUN_ID)) == length
    assert notes.of(RunRecovered) == []


async def test_a_run_that_ended_with_open_changes_is_settled_and_not_called_dead():
    died = a_dead_run("t1")
    ended = (*died, Entry(seq=len(died) + 1, at=died[-1].at, event=b.a_run_finished(unsettled=1)))
    records = FakeRecords(ended)

    _, notes = await run_after(records, a_task("t1", resume_mode=ResumeMode.AUTO))

    assert RunInterrupted not in map(type, records.of(b.RUN_ID))
    assert states(records) == {"t1": "verified"}
    assert not notes.of(RunRecovered)[0].died


async def test_a_dead_run_that_had_only_planned_is_marked_and_said():
    died = a_dead_run("t1")[:2]
    records = FakeRecords(died)

    _, notes = await run_after(records, a_task("t1"))

    assert states(records) == {"t1": "not_attempted"}
    assert [type(event) for event in records.of(b.RUN_ID)[-2:]] == [RunInterrupted, RunSettled]
    assert notes.of(RunRecovered)[0].not_attempted == 1


async def test_what_was_sent_a_moment_ago_may_still_show_and_is_left_to_a_later_run():
    records = FakeRecords(a_dead_run("t1"))
    soon = b.STARTED_AT + 5

    _, notes = await run_after(records, a_task("t1", resume_mode=ResumeMode.MANUAL), at=soon, settle_s=20)

    assert states(records) == {"t1": "unknown"}
    assert notes.of(RunRecovered)[0].still_open == 1
    assert len(records.unsettled()) == 1

    await run_after(records, a_task("t1", resume_mode=ResumeMode.AUTO))
    assert states(records) == {"t1": "verified"}
    assert [type(event) for event in records.of(b.RUN_ID)].count(RunInterrupted) == 1


async def test_a_row_without_a_mode_is_looked_up():
    records = FakeRecords(a_dead_run("t1"))

    api, _ = await run_after(records, a_task("t1", resume_mode=None))

    assert api.calls["show"] == 1
    assert states(records) == {"t1": "verified"}, "the details have it"


async def test_a_task_that_the_list_left_out_is_looked_up_before_it_is_called_gone():
    records = FakeRecords(a_dead_run("t1"))
    failing = {"show t1": [a_failure(FailureKind.REJECTED)]}

    api, _ = await run_after(records, script=failing)

    assert api.calls["show"] == 1
    assert states(records) == {"t1": "unknown"}, "no list and no details: nobody knows"


async def test_a_run_at_another_project_is_not_touched():
    elsewhere = replace(a_site(FakeApi.of([]), Notebook()).ref, project_id="f" * 32)
    records = FakeRecords(a_dead_run("t1", ref=elsewhere))
    length = len(records.of(b.RUN_ID))

    _, notes = await run_after(records, a_task("t1", resume_mode=ResumeMode.AUTO))

    assert len(records.of(b.RUN_ID)) == length
    assert notes.of(RunRecovered) == []


async def test_of_a_run_with_two_projects_only_the_one_that_was_read_is_settled():
    here = a_site(FakeApi.of([]), Notebook()).ref
    there = replace(here, name="there", project_id="f" * 32)
    events: list[Event] = [
        b.a_run_started(targets=(here, there)),
        *[b.a_change_planned(task_id, target=ref.name) for task_id, ref in (("t1", here), ("t2", there))],
        *[b.a_change_attempted(task_id, target=ref.name) for task_id, ref in (("t1", here), ("t2", there))],
    ]
    records = FakeRecords(b.entries(*events))

    await run_after(records, a_task("t1", resume_mode=ResumeMode.AUTO))

    assert states(records) == {"t1": "verified", "t2": "unknown"}
    assert len(records.unsettled()) == 1
