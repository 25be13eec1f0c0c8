"""Whole runs in waves over an API whose tasks react as they like: what is sent, what stops it, what the report says."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.fold.verdict import discrepancies, verdict
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import ChangeRated, RunStopped, WaveJudged
from enforcer.model.limits import Budget, Limits
from enforcer.model.report.task import State
from enforcer.model.rollout import Gate, OnFail, Rollout, Share
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode, Task
from enforcer.run.enforce import enforce
from enforcer.run.settle import NO_PAST
from tests import virtual_time
from tests.builders import a_run_started
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_task, a_wish

AUTO, MANUAL = ResumeMode.AUTO, ResumeMode.MANUAL
NO_BUDGETS = Limits(to_auto=Budget(), to_manual=Budget())


class Moody(FakeApi):
    """An API some of whose tasks take on another status, refuse, or lose the answer, when they are switched to auto."""

    moods: dict[str, str]

    async def set_mode(self, task_id: str, mode: ResumeMode) -> Reply[None] | Failure:
        mood = self.moods.get(task_id) if mode is AUTO else None
        if mood == "refuses":
            self.puts.append((task_id, mode))
            return a_failure(FailureKind.REJECTED)
        answer = await super().set_mode(task_id, mode)
        if mood in {"FULLMIGRATING", "FAILED"}:
            self.tasks[task_id] = replace(self.tasks[task_id], status=mood)
        return a_failure(FailureKind.LOST) if mood in {"loses", "is silent"} else answer

    async def show(self, task_id: str) -> Reply[Task] | Failure:
        # Once it was switched, so that the answer that got lost stays lost.
        if self.moods.get(task_id) == "is silent" and (task_id, AUTO) in self.puts:
            return a_failure(FailureKind.REJECTED)
        return await super().show(task_id)


shares = st.builds(Share, number=st.integers(1, 4)) | st.builds(
    Share, number=st.integers(1, 100), is_percent=st.just(True)
)
allowances = st.none() | st.integers(0, 2)
gates = st.builds(Gate, max_full_sync=allowances, max_failed=allowances, max_call_errors=allowances)
rollouts = st.builds(
    Rollout,
    waves=st.lists(shares, min_size=1, max_size=4).map(tuple),
    bake_s=st.integers(0, 30),
    poll_s=st.integers(1, 20),
    gate=gates,
    on_fail=st.sampled_from(OnFail),
)
moods = st.lists(
    st.sampled_from([None, None, None, "FULLMIGRATING", "FAILED", "refuses", "loses", "is silent"]), max_size=10
)


def carried_out(tasks: list[str | None], rollout: Rollout) -> tuple[Moody, Notebook]:
    api = Moody.of([a_task(f"t{number}") for number in range(len(tasks))])
    api.moods = {f"t{number}": mood for number, mood in enumerate(tasks) if mood}
    notes = Notebook()
    notes.recorder.emit(a_run_started("prod"))

    async def yes(_plans: Any) -> bool:
        return True

    wish = a_wish(a_policy(default=PolicyMode.AUTO), limits=NO_BUDGETS, rollout=rollout)
    virtual_time.run(enforce([a_site(api, notes)], wish, notes.conduct, past=NO_PAST, confirm=yes))
    return api, notes


@given(moods, rollouts)
@settings(deadline=None, max_examples=150)
def test_nothing_of_a_later_wave_is_sent_after_a_gate_failed(tasks, rollout):
    api, notes = carried_out(tasks, rollout)

    wave_of = {event.task_id: event.wave for event in notes.of(ChangeRated)}
    waves_sent = [wave_of[task_id] for task_id, mode in api.puts if mode is AUTO]
    failed = [event.wave for event in notes.of(WaveJudged) if not event.passed]
    assert waves_sent == sorted(waves_sent)
    assert len(failed) <= 1
    assert not failed or max(waves_sent) == failed[0]
    if not notes.of(RunStopped):
        assert set(wave_of) == {task_id for task_id, _ in api.puts}


@given(moods, rollouts)
@settings(deadline=None, max_examples=150)
def test_a_wave_that_is_set_back_leaves_none_of_its_tasks_in_auto(tasks, rollout):
    api, notes = carried_out(tasks, replace(rollout, on_fail=OnFail.REVERT_WAVE))

    failed = [event.wave for event in notes.of(WaveJudged) if not event.passed]
    for event in notes.of(ChangeRated):
        if event.wave in failed:
            assert api.tasks[event.task_id].resume_mode is MANUAL


@given(moods, rollouts)
@settings(deadline=None, max_examples=50)
def test_the_report_adds_up_at_every_moment_of_it(tasks, rollout):
    _, notes = carried_out(tasks, rollout)

    entries = notes.memory.entries
    for end in range(1, len(entries) + 1):
        report = fold(entries[:end])
        assert discrepancies(report) == ()
        reverted = sum(task.state is State.REVERTED for target in report.targets for task in target.tasks)
        assert reverted <= sum(wave.recalled for wave in report.waves)


@given(moods, rollouts)
@settings(deadline=None, max_examples=50)
def test_a_failed_gate_is_never_a_success(tasks, rollout):
    _, notes = carried_out(tasks, rollout)

    if any(not event.passed for event in notes.of(WaveJudged)):
        assert verdict(fold(notes.memory.entries)) in {ExitCode.ABORTED, ExitCode.PARTIAL}
