"""Waves over an API in memory, in virtual time."""

import asyncio
from dataclasses import dataclass

import pytest
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.fold.verdict import discrepancies, verdict
from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    ChangeRated,
    ChangeRecalled,
    ChangeVerified,
    InventoryListed,
    RolloutPlanned,
    RunStopped,
    WaveJudged,
    WaveStarted,
)
from enforcer.model.report.task import State
from enforcer.model.report.wave import WaveState
from enforcer.model.rollout import ALL, Gate, OnFail, Rollout, Share
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.run.enforce import enforce, plan
from enforcer.run.settle import NO_PAST
from tests import virtual_time
from tests.builders import a_run_started
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_rule, a_task, a_wish

TO_AUTO = a_policy(default=PolicyMode.AUTO)
WAVES = Rollout(waves=(Share(number=1), Share(number=3), ALL), bake_s=60, poll_s=10)
FULL_SYNC = "FULLMIGRATING"


@dataclass
class Reacting(FakeApi):
    """An API whose tasks take on a status when they are switched to auto."""

    reaction: dict[str, str] = None  # type: ignore[assignment]  # given by every test that has one

    def _set(self, task_id, mode):
        super()._set(task_id, mode)
        if mode is ResumeMode.AUTO and task_id in (self.reaction or {}):
            self.tasks[task_id] = replace(self.tasks[task_id], status=self.reaction[task_id])


def fleet(count=6, **details):
    return Reacting.of([a_task(f"t{number}") for number in range(1, count + 1)], **details)


def rolled_out(api, rollout=WAVES, *, policy=TO_AUTO, notes=None, before=None):
    notes = notes or Notebook()
    notes.stop.listen(notes.recorder.emit)
    notes.recorder.emit(a_run_started("prod"))

    async def yes(_plans):
        return True

    async def main():
        if before:
            before(notes)
        await enforce([a_site(api, notes)], a_wish(policy, rollout=rollout), notes.conduct, past=NO_PAST, confirm=yes)

    virtual_time.run(main())
    return notes


def report_of(notes):
    report = fold(notes.memory.entries)
    assert discrepancies(report) == ()
    return report


def states(report):
    return {task.task_id: task.state for task in report.targets[0].tasks}


def sent(api):
    return [task_id for task_id, _ in api.puts]


def test_waves_go_one_after_the_other_and_everything_is_read_back():
    api = fleet()

    notes = rolled_out(api)

    assert ["t1", "t2", "t3", "t4", "t5", "t6"] == sent(api)
    assert [(1, 1), (2, 2), (3, 3)] == [(event.wave, event.changes) for event in notes.of(WaveStarted)]
    assert [(True, 60.0)] * 3 == [(event.passed, event.watched_s) for event in notes.of(WaveJudged)]
    report = report_of(notes)
    assert {State.VERIFIED} == set(states(report).values())
    assert [WaveState.PASSED] * 3 == [wave.state for wave in report.waves]
    assert verdict(report) == 0


def test_no_wave_begins_before_the_one_before_it_was_watched():
    times: dict[str, float] = {}
    api = fleet()
    api.before_put = lambda task_id: times.setdefault(task_id, asyncio.get_running_loop().time())

    rolled_out(api)

    assert times["t2"] - times["t1"] >= 60
    assert times["t4"] - times["t3"] >= 60


def test_changes_to_manual_go_first_and_are_not_waited_for():
    to_manual = [a_task(f"m{number}", resume_mode=ResumeMode.AUTO) for number in range(3)]
    api = FakeApi.of([a_task("t1"), *to_manual])
    policy = a_policy(a_rule("m", "manual", task_id=("m*",)), default=PolicyMode.AUTO)

    notes = rolled_out(api, policy=policy)

    assert ["m0", "m1", "m2", "t1"] == sent(api)
    assert [1] == [event.changes for event in notes.of(WaveStarted)]


def test_a_full_sync_of_the_canary_stops_the_rest_at_once():
    api = fleet(reaction={"t1": FULL_SYNC})

    notes = rolled_out(api)

    assert ["t1"] == sent(api)
    [judged] = notes.of(WaveJudged)
    assert (False, 1, 0.0) == (judged.passed, judged.full_sync, judged.watched_s)
    report = report_of(notes)
    assert {State.VERIFIED: 1, State.NOT_ATTEMPTED: 5} == {
        state: list(states(report).values()).count(state) for state in set(states(report).values())
    }
    assert {"gate" in task.reason for task in report.targets[0].tasks if task.state is State.NOT_ATTEMPTED} == {True}
    assert [WaveState.FAILED, WaveState.PLANNED, WaveState.PLANNED] == [wave.state for wave in report.waves]
    assert verdict(report) == 5


def test_a_failure_that_shows_late_in_the_bake_is_seen():
    def later(notes):
        def fail():
            api.tasks["t1"] = replace(api.tasks["t1"], status="FAILED")

        asyncio.get_running_loop().call_later(55, fail)

    api = fleet()

    notes = rolled_out(api, before=later)

    assert ["t1"] == sent(api)
    assert [(1, 60.0)] == [(event.failed, event.watched_s) for event in notes.of(WaveJudged)]


def test_what_is_allowed_lets_the_next_wave_go():
    api = fleet(reaction={"t1": FULL_SYNC, "t4": "FAILED"})

    notes = rolled_out(api, replace(WAVES, gate=Gate(max_full_sync=1, max_failed=None)))

    assert 6 == len(sent(api))
    assert verdict(report_of(notes)) == 0


def test_what_began_before_the_wave_is_not_held_against_it():
    api = FakeApi.of([a_task("t1", status=FULL_SYNC), a_task("t2")])

    rolled_out(api)

    assert ["t1", "t2"] == sent(api)


def test_a_failed_call_fails_the_gate_and_one_too_few_does_not():
    refused = {"t1": [a_failure(FailureKind.REJECTED)]}
    strict, lenient = fleet(script=dict(refused)), fleet(script={"t1": [a_failure(FailureKind.REJECTED)]})

    assert verdict(report_of(rolled_out(strict))) == 5
    assert ["t1"] == sent(strict)
    assert verdict(report_of(rolled_out(lenient, replace(WAVES, gate=Gate(max_call_errors=1))))) == 3
    assert 6 == len(sent(lenient))


def test_a_wave_that_is_set_back_has_its_modes_before_and_says_so():
    api = fleet(reaction={"t2": FULL_SYNC})

    notes = rolled_out(api, replace(WAVES, on_fail=OnFail.REVERT_WAVE))

    assert {"t1": ResumeMode.AUTO} == {
        k: t.resume_mode for k, t in api.tasks.items() if t.resume_mode is ResumeMode.AUTO
    }
    assert {"t2", "t3"} == {event.task_id for event in notes.of(ChangeRecalled)}
    report = report_of(notes)
    assert {"t1": State.VERIFIED, "t2": State.REVERTED, "t3": State.REVERTED} == {
        task_id: state for task_id, state in states(report).items() if state is not State.NOT_ATTEMPTED
    }
    assert (2, 3) == (report.totals.reverted, report.totals.not_attempted)
    assert [0, 2, 0] == [wave.recalled for wave in report.waves]
    assert verdict(report) == 5


def test_a_way_back_that_fails_leaves_a_mode_that_nobody_wants_and_says_why():
    api = fleet(1, reaction={"t1": FULL_SYNC})
    api.before_put = lambda _: api.script.update({"t1": [a_failure(FailureKind.REJECTED, "no")] if api.puts else []})

    report = report_of(rolled_out(api, replace(WAVES, on_fail=OnFail.REVERT_WAVE)))

    [task] = report.targets[0].tasks
    assert (State.MISMATCH, "to be set back to manual: the gate of wave 1 failed; no") == (task.state, task.reason)
    assert verdict(report) == 5


def test_the_last_wave_has_nothing_left_to_hold_so_its_failure_is_partial():
    report = report_of(rolled_out(fleet(1, reaction={"t1": FULL_SYNC})))

    assert verdict(report) == 3
    assert "the gate of wave 1 of 1 failed" in report.notices[0].message


def test_health_that_cannot_be_read_is_never_taken_for_good():
    down = [a_failure(FailureKind.REJECTED)] * 9
    api = fleet()
    api.before_put = lambda _: api.script.update({"list": down})

    notes = rolled_out(api)

    assert ["t1"] == sent(api)
    assert [(False, 1)] == [(event.passed, event.unreadable) for event in notes.of(WaveJudged)]
    assert verdict(report_of(notes)) == 5


def test_a_task_that_vanishes_while_it_is_watched_is_not_healthy():
    def vanish(notes):
        asyncio.get_running_loop().call_later(30, api.tasks.pop, "t1")

    api = fleet()

    notes = rolled_out(api, before=vanish)

    assert [1] == [event.unreadable for event in notes.of(WaveJudged)]
    assert ["t1"] == sent(api)


def test_a_stop_is_heard_while_a_wave_is_watched():
    def interrupt(notes):
        cause = RunStopped(exit_code=130, message="SIGINT received")
        asyncio.get_running_loop().call_later(30, notes.stop.ask, cause)

    api = fleet()

    notes = rolled_out(api, before=interrupt)

    assert ["t1"] == sent(api)
    assert not notes.of(WaveJudged)
    report = report_of(notes)
    assert [WaveState.BEGUN, WaveState.PLANNED, WaveState.PLANNED] == [wave.state for wave in report.waves]
    assert (1, 5) == (report.totals.verified, report.totals.not_attempted)
    assert verdict(report) == 130


def test_a_bake_of_nothing_is_one_look():
    api = fleet(2)

    notes = rolled_out(api, Rollout(waves=(ALL,), bake_s=0))

    assert [False, True] == [event.read_back for event in notes.of(InventoryListed)]
    assert {"t1", "t2"} == {event.task_id for event in notes.of(ChangeVerified)}


@pytest.mark.parametrize("failures", [0, 1], ids=["answered", "one is not"])
def test_only_what_is_to_go_to_auto_is_looked_up(failures):
    api = FakeApi.of([a_task("t1"), a_task("t2"), a_task("m", resume_mode=ResumeMode.AUTO)])
    api.script = {"show t1": [a_failure(FailureKind.REJECTED)] * failures}
    policy = a_policy(a_rule("m", "manual", task_id=("m",)), default=PolicyMode.AUTO)
    notes = Notebook()

    asyncio.run(plan([a_site(api, notes)], a_wish(policy, rollout=WAVES), notes.conduct))

    assert 2 == api.calls["show"]
    assert [((1, 1), 2)] == [(event.waves, event.shows) for event in notes.of(RolloutPlanned)]
    assert {"t1", "t2"} == {event.task_id for event in notes.of(ChangeRated)}
    assert "low" not in {event.risk for event in notes.of(ChangeRated)}
