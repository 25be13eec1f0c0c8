"""Whatever comes in which order, no limit is ever passed."""

import contextlib
import tempfile
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.admission import guards
from enforcer.core.admission.guards import Terms
from enforcer.journal.history import history
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.answer import FailureKind
from enforcer.model.history import DAY_S
from enforcer.model.limits import Budget, Limits
from enforcer.model.plan import Latitude
from enforcer.model.rule import PolicyMode
from enforcer.run.enforce import enforce
from enforcer.run.settle import NO_PAST
from tests import builders as b
from tests import virtual_time
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import NOW, a_policy, a_proposal, a_task, a_wish

AUTO = a_policy(default=PolicyMode.AUTO)
FAILURES = [FailureKind.LOST, FailureKind.TRANSIENT, FailureKind.REJECTED, FailureKind.DENIED, FailureKind.NOT_SENT]

most = st.none() | st.integers(0, 6)
budgets = st.builds(
    Budget,
    max=most,
    percent=st.none() | st.integers(0, 100),
    per_day=most,
    per_source_instance=most,
    per_target_instance=most,
)
fleet_of = st.lists(
    st.builds(
        lambda number, source, target, status: a_task(
            f"t{number}", source_instance_id=source, target_instance_id=target, status=status
        ),
        st.integers(0, 99),
        st.sampled_from([None, "s1", "s2"]),
        st.sampled_from([None, "d1", "d2"]),
        st.sampled_from(["INCRMIGEATING", "FULLMIGRATING"]),
    ),
    max_size=12,
    unique_by=lambda task: task.task_id,
)


@given(st.lists(fleet_of, min_size=1, max_size=2), budgets, st.integers(0, 12), st.none() | st.integers(0, 6))
@settings(deadline=None)
def test_a_part_passes_no_limit_and_leaves_out_nothing_that_would_have_fit(fleets, budget, population, max_changes):
    limits = Limits(to_auto=budget, min_population=population)
    proposals = [a_proposal(AUTO, *tasks, target=f"target-{n}") for n, tasks in enumerate(fleets)]
    part = Latitude(allow_partial=True, max_changes=max_changes)
    verdict = guards.judge(proposals, Terms(limits=limits, latitude=part), NOW)
    going = {change for plan in verdict.plans for change in plan.changes}
    deferred = {hold.change for hold in verdict.deferred}

    assert not verdict.refusals
    assert going.isdisjoint(deferred)
    assert going | deferred == {change for one in proposals for change in one.plan.changes}
    assert not (budget.max is not None and len(going) > budget.max)
    assert not (max_changes is not None and len(going) > max_changes)
    for target in {one.plan.target for one in proposals}:
        mine = [change for change in going if change.task.target == target]
        assert budget.per_day is None or len(mine) <= budget.per_day
        for side, limit in (("source", budget.per_source_instance), ("target", budget.per_target_instance)):
            shared = Counter(getattr(change.task, f"{side}_instance_id") for change in mine)
            del shared[None]
            assert limit is None or max(shared.values(), default=0) <= limit
    # A whole run is refused exactly if a part of it would not be the whole.
    whole = guards.judge(proposals, Terms(limits=limits, latitude=Latitude(max_changes=max_changes)), NOW)
    assert bool(whole.refusals) == bool(deferred)
    assert {hold.change for hold in whole.flagged} == deferred


@dataclass
class Story:
    """One run: when it starts, what fails, and after how many PUTs it is killed, if it is."""

    after_s: float
    failures: list[FailureKind]
    killed_after: int | None
    allow_partial: bool


stories = st.lists(
    st.builds(
        Story,
        after_s=st.sampled_from([0.0, 600.0, 6 * 3600.0, 13 * 3600.0, DAY_S - 1.0, DAY_S + 1.0]),
        failures=st.lists(st.sampled_from(FAILURES), max_size=4),
        killed_after=st.none() | st.integers(0, 5),
        allow_partial=st.booleans(),
    ),
    min_size=1,
    max_size=6,
)


class Killed(BaseException):
    """The process dies: nothing more is recorded."""


@given(stories, st.integers(0, 6), st.integers(1, 4))
@settings(deadline=None, max_examples=40)
def test_no_sequence_of_runs_within_a_day_sends_more_than_per_day(runs, per_day, concurrency):
    """Runs that end well, badly or not at all; between them somebody sets every task back."""
    day = Day(limits=Limits(to_auto=Budget(per_day=per_day)), concurrency=concurrency)
    with tempfile.TemporaryDirectory() as folder:
        for number, story in enumerate(runs):
            day.now += story.after_s
            day.run(story, number, Path(folder))

    for at, *_ in day.taken:
        within = {(run, task_id) for when, run, task_id in day.taken if at - DAY_S < when <= at}
        assert len(within) <= per_day


@dataclass
class Watched(FakeApi):
    """Says which changes took effect, whatever it answered."""

    took: Callable[[str], None] = lambda _task_id: None

    def _set(self, task_id, mode) -> None:
        self.took(task_id)
        super()._set(task_id, mode)


@dataclass
class Day:
    """A clock, and what the API took, by which run and when."""

    limits: Limits
    concurrency: int
    now: float = b.STARTED_AT
    taken: list[tuple[float, int, str]] = field(default_factory=list)

    def clock(self) -> float:
        self.now += 0.5
        return self.now

    def run(self, story: Story, number: int, folder: Path) -> None:
        """Carry out one run to its end or to its death, and record what it told until then."""
        sent: list[str] = []

        def before_put(task_id: str) -> None:
            if len(sent) == story.killed_after:
                raise Killed
            sent.append(task_id)

        notes = Notebook(clock=self.clock, history=lambda place: history(SqliteStore(folder), place, self.now))

        def took(task_id: str) -> None:
            self.taken.append((self.now, number, task_id))

        api = Watched.of([a_task(f"t{n}") for n in range(8)], before_put=before_put, took=took)
        site = a_site(api, notes, concurrency=self.concurrency)
        for task_id, failure in zip(api.tasks, story.failures, strict=False):
            api.script[task_id] = [a_failure(failure, "applied")]
        notes.recorder.emit(b.a_run_started(run_id=f"run-{number}", targets=(site.ref,)))
        wish = a_wish(AUTO, limits=self.limits, latitude=Latitude(allow_partial=story.allow_partial))
        with contextlib.suppress(Killed):
            virtual_time.run(enforce([site], wish, notes.conduct, past=NO_PAST, confirm=always))
        with JournalWriter(SqliteStore(folder), print) as journal:
            for entry in notes.memory.entries:
                journal.emit(entry)


async def always(_plans) -> bool:
    return True
