import asyncio

import pytest
from msgspec.structs import replace

from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    ChangeFailed,
    ChangeGone,
    ChangeMismatched,
    ChangeSkipped,
    ChangeVerified,
    InventoryListed,
    PlanDeclined,
    PlanRefused,
    RunStopped,
    SelectionUnmatched,
    TargetFailed,
)
from enforcer.model.limits import Budget, Limits
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.run.enforce import enforce, enforce_apart, plan
from enforcer.run.settle import NO_PAST
from tests import virtual_time
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_task, a_wish

TO_AUTO = a_policy(default=PolicyMode.AUTO)


async def yes(_plans) -> bool:
    return True


async def no(_plans) -> bool:
    return False


async def enforced(*apis, wish=None, confirm=yes, notes=None):
    notes = notes or Notebook()
    sites = [a_site(api, notes, name=f"target-{number}") for number, api in enumerate(apis)]
    await enforce(sites, wish or a_wish(TO_AUTO), notes.conduct, past=NO_PAST, confirm=confirm)
    return notes


def fleet(*task_ids, **details):
    return FakeApi.of([a_task(task_id) for task_id in task_ids], **details)


async def test_drift_is_put_right_and_read_back():
    api = fleet("t1", "t2")

    notes = await enforced(api)

    assert {"t1", "t2"} == {event.task_id for event in notes.of(ChangeVerified)}
    assert {ResumeMode.AUTO} == {task.resume_mode for task in api.tasks.values()}


async def test_a_second_run_finds_nothing_to_do():
    api = fleet("t1", "t2")
    await enforced(api)
    sent = len(api.puts)

    await enforced(api)

    assert len(api.puts) == sent


async def test_nothing_to_do_asks_nobody_and_reads_nothing_back():
    async def never(_plans):
        pytest.fail("somebody was asked")

    notes = await enforced(FakeApi.of([a_task("t1", resume_mode=ResumeMode.AUTO)]), confirm=never)

    assert len(notes.of(InventoryListed)) == 1


async def test_a_refused_plan_sends_nothing_and_asks_nobody():
    api = fleet("t1", "t2")
    limits = Limits(to_auto=Budget(max=1, written=frozenset(["max"])))

    notes = await enforced(api, wish=a_wish(TO_AUTO, limits=limits))

    assert not api.puts
    assert [("to_auto: 2 > 1 (max)",)] == [event.reasons for event in notes.of(PlanRefused)]


async def test_a_no_at_the_prompt_sends_nothing():
    api = fleet("t1")

    notes = await enforced(api, confirm=no)

    assert not api.puts
    assert len(notes.of(PlanDeclined)) == 1
    assert notes.of(PlanRefused) == []


async def test_a_pattern_that_fits_no_task_anywhere_is_told():
    eu, ap = fleet("t1"), fleet("t2")
    wish = replace(a_wish(TO_AUTO), only=("t1", "T2", "x*"))

    notes = await enforced(eu, ap, wish=wish)

    assert [("T2", "x*")] == [event.patterns for event in notes.of(SelectionUnmatched)]


async def test_of_a_target_that_cannot_be_listed_nobody_knows_what_fits():
    down = fleet("t1", script={"list": [a_failure(FailureKind.DENIED)]})

    notes = await enforced(down, fleet("t2"), wish=replace(a_wish(TO_AUTO), only=("t1",)))

    assert notes.of(SelectionUnmatched) == []


async def test_fault_55_too_many_tasks_are_refused_and_nothing_is_sent():
    large, small = fleet("t1", "t2", "t3"), fleet("t4")

    notes = await enforced(large, small, wish=a_wish(TO_AUTO, limits=Limits(max_inventory=2)))

    assert not large.puts
    assert not small.puts
    (refused,) = notes.of(PlanRefused)
    assert "limits.max_inventory" in refused.reasons[0]


async def test_planning_never_sends():
    api = fleet("t1")

    notes = Notebook()

    await plan([a_site(api, notes)], a_wish(TO_AUTO), notes.conduct)

    assert not api.puts


async def test_what_has_an_obstacle_is_recorded_as_skipped_and_not_sent():
    api = FakeApi.of([a_task("t1"), a_task("..", defect="its id is not one")])

    notes = await enforced(api)

    assert ["t1"] == [task_id for task_id, _ in api.puts]
    assert [".."] == [event.task_id for event in notes.of(ChangeSkipped)]


async def test_a_target_that_cannot_be_listed_does_not_hold_up_the_other():
    down = fleet("t1", script={"list": [a_failure(FailureKind.DENIED)]})
    up = fleet("t2")

    notes = await enforced(down, up)

    assert [("target-0", 77)] == [(event.target, event.exit_code) for event in notes.of(TargetFailed)]
    assert ["t2"] == [task_id for task_id, _ in up.puts]


async def test_apart_no_target_waits_until_another_is_listed():
    sent = asyncio.Event()
    ready = fleet("t1")
    ready.before_put = lambda _task_id: sent.set()

    class Slow(FakeApi):
        async def list_page(self, *, offset, limit):
            await asyncio.wait_for(sent.wait(), timeout=60)
            return await super().list_page(offset=offset, limit=limit)

    slow = Slow.of([a_task("t2")])
    notes = Notebook()
    sites = [a_site(api, notes, name=name) for name, api in (("slow", slow), ("ready", ready))]

    await enforce_apart(sites, a_wish(TO_AUTO), notes.conduct, past=NO_PAST, confirm=yes)

    assert {"t1", "t2"} == {event.task_id for event in notes.of(ChangeVerified)}


async def test_only_the_selected_tasks_are_sent():
    api = fleet("t1", "t2")

    await enforced(api, wish=a_wish(TO_AUTO, only=("t2",)))

    assert ["t2"] == [task_id for task_id, _ in api.puts]


async def test_a_lost_answer_is_settled_by_the_read_back_as_verified():
    lost = [a_failure(FailureKind.LOST, "applied")] * 4

    notes = await enforced(fleet("t1", script={"t1": lost}))

    assert ["t1"] == [event.task_id for event in notes.of(ChangeVerified)]


async def test_a_lost_answer_is_settled_by_the_read_back_as_not_applied():
    notes = await enforced(fleet("t1", script={"t1": [a_failure(FailureKind.LOST)] * 4}))

    assert ["not_applied"] == [event.failure for event in notes.of(ChangeFailed)]


async def test_an_acked_change_that_does_not_show_is_a_mismatch():
    notes = await enforced(fleet("t1", applies=False))

    assert [ResumeMode.MANUAL] == [event.observed for event in notes.of(ChangeMismatched)]


async def test_a_task_deleted_after_its_put_is_gone():
    def vanish(task_id: str) -> None:
        del api.tasks[task_id]

    api = fleet("t1", "t2", before_put=vanish)

    notes = await enforced(api)

    assert {"t1", "t2"} == {event.task_id for event in notes.of(ChangeGone)}


def test_a_change_that_shows_late_is_waited_for():
    class Late(FakeApi):
        async def show(self, task_id):
            if self.calls["show"] == 2:
                self._set(task_id, ResumeMode.AUTO)
                self.tasks[task_id] = replace(self.tasks[task_id], resume_mode=ResumeMode.AUTO)
            return await super().show(task_id)

    api = Late.of([a_task("t1")], applies=False)
    notes = virtual_time.run(enforced(api, notes=Notebook(settle_s=20)))

    assert ["t1"] == [event.task_id for event in notes.of(ChangeVerified)]
    assert not notes.of(ChangeMismatched)


def test_the_deadline_stops_the_run_and_says_so():
    class Slow(FakeApi):
        async def set_mode(self, task_id, mode):
            await asyncio.sleep(10)
            return await super().set_mode(task_id, mode)

    api = Slow.of([a_task(f"t{number}") for number in range(10)])
    notes = Notebook()
    notes.stop.listen(notes.recorder.emit)
    limits = Limits(deadline_s=15, to_auto=Budget())

    virtual_time.run(enforced(api, notes=notes, wish=a_wish(TO_AUTO, limits=limits)))

    assert [5] == [event.exit_code for event in notes.of(RunStopped)]
    assert 0 < len(api.puts) < 10
    assert len(notes.of(InventoryListed)) == 1
