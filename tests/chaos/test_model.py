"""Runs, kills, lost answers, a person's edits, undo and resume in any order, in memory, against a model of the world.

Rules are synchronous, since Hypothesis has no others; each run has a loop of its own in virtual time.
"""

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.fold.verdict import discrepancies, verdict
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.core.patterns.selection import Selection
from enforcer.core.planning.resume import Resume
from enforcer.core.planning.revisit import RevisitPlanner
from enforcer.core.planning.undo import Undo
from enforcer.model.answer import Failure, FailureKind
from enforcer.model.event import ChangeAttempted, Entry, RunFinished
from enforcer.model.limits import Budget, Limits
from enforcer.model.report.task import State
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from enforcer.run.apply import SPARE_S
from enforcer.run.enforce import Wish, enforce
from enforcer.run.recording import Memory
from enforcer.run.settle import Past
from tests import builders as b
from tests import virtual_time
from tests.fakes import FakeApi, FakeRecords, Notebook, a_failure, a_site
from tests.wishes import NOW, a_policy, a_task, a_wish

TASKS = tuple(f"task-{number}" for number in range(5))
UNLIMITED = Limits(to_auto=Budget(max=None), to_manual=Budget(max=None))
LEAVE_ALL = a_policy(default=PolicyMode.LEAVE)
MAY_HAVE_CHANGED = {State.VERIFIED, State.ACKED, State.UNKNOWN, State.MISMATCH}
FATES = {
    "lost, and applied": a_failure(FailureKind.LOST, "applied"),
    "lost, and not applied": a_failure(FailureKind.LOST, "not applied"),
    "busy": a_failure(FailureKind.TRANSIENT),
    "refused": a_failure(FailureKind.REJECTED, http_status=400, error_code="DCS.1"),
}


LATENCY_S = SPARE_S * 8
"""Of an answer: long enough that a run without a rate has the next intents on record ahead."""


class Killed(BaseException):
    """The process is gone; nothing that is in memory survives."""


class CrashingJournal(Memory):
    """Holds back what is not flushed, as a real one may; *entries* is what a crash leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.pending: list[Entry] = []
        self.is_dead = False

    def emit(self, entry: Entry) -> None:
        self.pending.append(entry)

    async def flushed(self, number: int | None = None) -> None:
        if self.is_dead:
            raise Killed
        self.settle(len(self.pending) if number is None else max(0, number - len(self.entries)))

    def settle(self, number: int) -> None:
        """Make the first *number* of the pending entries durable."""
        self.entries += self.pending[:number]
        del self.pending[:number]


class MortalApi(FakeApi):
    """An API whose client dies at the PUT number *dies_at*, before or after the server has got it."""

    dies_at: int | None = None
    after_the_server_has_it = False
    journal: CrashingJournal

    async def list_page(self, *, offset, limit):
        self._live()
        return await super().list_page(offset=offset, limit=limit)

    async def show(self, task_id):
        self._live()
        return await super().show(task_id)

    async def set_mode(self, task_id, mode):
        self._live()
        intents = [e.event.task_id for e in self.journal.entries if isinstance(e.event, ChangeAttempted)]
        assert task_id in intents, "a PUT leaves before its intent is durable"
        if self.dies_at is not None and len(self.puts) + 1 >= self.dies_at:
            self.journal.is_dead = True
            if self.after_the_server_has_it:
                self.puts.append((task_id, mode))
                self._set(task_id, mode)
            raise Killed
        return await super().set_mode(task_id, mode)

    def _live(self) -> None:
        if self.journal.is_dead:
            raise Killed


class Lives(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.world = {task_id: a_task(task_id) for task_id in TASKS}
        self.records = FakeRecords()
        self.wall = b.STARTED_AT

    # What may happen.

    @rule(
        mode=st.sampled_from([PolicyMode.AUTO, PolicyMode.MANUAL]),
        fates=st.dictionaries(st.sampled_from(TASKS), st.sampled_from(sorted(FATES)), max_size=3),
        dies_at=st.none() | st.integers(1, 6),
        after=st.booleans(),
        unlimited=st.booleans(),
        kept=st.integers(0, 9),
    )
    def apply(self, *, mode, fates, dies_at, after, unlimited, kept):
        before = dict(self.world)
        run_id = self._run(
            a_wish(a_policy(default=mode), limits=UNLIMITED),
            fates,
            dies_at,
            after=after,
            kept=kept,
            unlimited=unlimited,
        )

        if dies_at is None:
            self._agrees(run_id, before, dict.fromkeys(self.world, ResumeMode(mode.value)))

    @precondition(lambda self: self.records.runs)
    @rule(data=st.data(), dies_at=st.none() | st.integers(1, 4))
    def undo(self, data, dies_at):
        earlier = fold(self.records.runs[data.draw(st.sampled_from(sorted(self.records.runs)))])
        before = dict(self.world)
        goal = {
            task.task_id: task.before
            for task in _tasks(earlier)
            if task.state in MAY_HAVE_CHANGED
            and task.task_id in before
            and before[task.task_id].resume_mode is task.desired
        }
        run_id = self._run(
            self._revisit(earlier, Undo(run_id=earlier.run_id, policy=LEAVE_ALL, set_since={})), {}, dies_at
        )

        if dies_at is None:
            self._agrees(run_id, before, goal)
            assert {task_id: task.resume_mode for task_id, task in self.world.items()} == {
                task_id: goal.get(task_id, task.resume_mode) for task_id, task in before.items()
            }

    @precondition(lambda self: self.records.runs)
    @rule(data=st.data(), dies_at=st.none() | st.integers(1, 4))
    def resume(self, data, dies_at):
        earlier = fold(self.records.runs[data.draw(st.sampled_from(sorted(self.records.runs)))])
        before = dict(self.world)
        goal = {
            task.task_id: task.desired
            for task in _tasks(earlier)
            if task.state not in {State.VERIFIED, State.SKIPPED}
            and task.task_id in before
            and before[task.task_id].resume_mode is task.before
        }
        judge = Resume(policy=LEAVE_ALL, overrides=NO_OVERRIDES, now=NOW, follows_policy=False)
        run_id = self._run(self._revisit(earlier, judge), {}, dies_at)

        if dies_at is None:
            self._agrees(run_id, before, goal)

    @rule(task_id=st.sampled_from(TASKS), mode=st.sampled_from(ResumeMode))
    def somebody_sets_a_mode(self, task_id, mode):
        if task_id in self.world:
            self.world[task_id] = replace(self.world[task_id], resume_mode=mode)

    @precondition(lambda self: len(self.world) > 2)
    @rule(task_id=st.sampled_from(TASKS))
    def somebody_deletes_a_task(self, task_id):
        self.world.pop(task_id, None)

    # What always holds.

    @invariant()
    def every_record_adds_up(self):
        for entries in self.records.runs.values():
            assert discrepancies(fold(entries)) == ()
            assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))

    def _agrees(self, run_id, before, goal):
        """A run that was not killed knows what it did, and leaves nothing open, in its own record or another."""
        report = fold(self.records.runs[run_id])
        for task in _tasks(report):
            now = self.world.get(task.task_id)
            assert task.state not in {State.UNKNOWN, State.ACKED, State.MISMATCH}, task
            if task.state is State.VERIFIED:
                assert now.resume_mode is task.desired is goal[task.task_id]
            elif task.state is State.GONE:
                assert now is None
            else:
                assert now == before[task.task_id], task
        for entries in self.records.runs.values():
            assert not any(task.state in {State.UNKNOWN, State.ACKED} for task in _tasks(fold(entries)))
            assert fold(entries).exit.name != "unfinished"

    # How a run goes.

    def _revisit(self, earlier, judge):
        planner = RevisitPlanner(
            earlier=earlier,
            judge=judge,
            policy=LEAVE_ALL,
            overrides=NO_OVERRIDES,
            selection=Selection(()),
            now=NOW,
        )
        return Wish(planner=planner, limits=UNLIMITED)

    def _run(self, wish, fates, dies_at, *, after=False, kept=0, unlimited=False):
        """Run to the end or to death, keep what was durable, and check what was said of the runs before."""
        self.wall += 1000
        run_id = f"run-{len(self.records.runs):04}"
        journal = CrashingJournal()
        script: dict[str, list[Failure | Exception]] = {task_id: [FATES[fate]] for task_id, fate in fates.items()}
        api = MortalApi.of(self.world.values(), script=script, latency_s=LATENCY_S)
        api.journal, api.dies_at, api.after_the_server_has_it = journal, dies_at, after
        opened = self._open()
        try:
            virtual_time.run(self._live(run_id, wish, api, journal, unlimited))
        except Killed:
            journal.settle(kept)
        else:
            assert not journal.is_dead
            self._settled_as_seen(opened)
        self.world = dict(api.tasks)
        if journal.entries:
            self.records.runs[run_id] = list(journal.entries)
        return run_id

    async def _live(self, run_id, wish, api, journal, unlimited):
        notes = Notebook(journal, clock=lambda: self.wall)
        site = a_site(api, notes, is_unlimited=unlimited)
        notes.recorder.emit(b.a_run_started(run_id=run_id, targets=(site.ref,)))
        past = Past(run_id, self.records, lambda: self.wall)

        async def yes(_plans):
            return True

        await enforce([site], wish, notes.conduct, past=past, confirm=yes)
        if journal.is_dead:
            raise Killed
        await journal.flushed()
        code = verdict(fold(journal.entries))
        notes.recorder.emit(RunFinished(exit_code=code, exit_name=code.label))
        await journal.flushed()

    def _open(self):
        """Return what is open in each record, with the task as the world has it now."""
        return {
            (run_id, task.task_id): (task.before, task.desired, task.state, self.world.get(task.task_id))
            for run_id, entries in self.records.runs.items()
            for task in _tasks(fold(entries))
            if task.state in {State.UNKNOWN, State.ACKED}
        }

    def _settled_as_seen(self, opened):
        for (run_id, task_id), (before, desired, was, task) in opened.items():
            (now,) = (t for t in _tasks(fold(self.records.runs[run_id])) if t.task_id == task_id)
            if task is None:
                expected = State.GONE
            elif task.resume_mode is desired:
                expected = State.VERIFIED
            elif was is State.UNKNOWN and task.resume_mode is before:
                expected = State.FAILED
            else:
                expected = State.MISMATCH
            assert now.state is expected


def _tasks(report):
    return [task for target in report.targets for task in target.tasks]


TestLives = Lives.TestCase
TestLives.settings = settings(
    max_examples=60, stateful_step_count=20, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
