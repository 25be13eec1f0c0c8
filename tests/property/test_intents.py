"""Intent, permit, PUT, in this order and in virtual time: the intent is durable first, and shortly; nothing lies
between permit and wire, however long the journal takes; what may not leave after all is withdrawn.
"""

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.text.quantity import parse_rate
from enforcer.model.answer import FailureKind
from enforcer.model.event import ChangeAcked, ChangeAttempted, ChangeDeferred, ChangeWithdrawn, Entry, RunStopped
from enforcer.model.plan import Change
from enforcer.model.report.task import State
from enforcer.model.rule import PolicyMode
from enforcer.run.apply import Hold, apply
from enforcer.run.line import AHEAD_S
from enforcer.run.recording import Memory
from enforcer.run.throttle import PacedThrottle
from tests import builders as b
from tests import virtual_time
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_task, a_wish, an_inventory


class SlowJournal(Memory):
    """A journal whose commits take *pauses*, in turn; *durable* has what is on disk."""

    def __init__(self, pauses: Iterator[float]) -> None:
        super().__init__()
        self._pauses = pauses
        self.durable: list[Entry] = []

    async def flushed(self) -> None:
        on_its_way = list(self.entries)
        await asyncio.sleep(next(self._pauses))
        self.durable += on_its_way[len(self.durable) :]


@dataclass
class Sending:
    """Changes that are sent in virtual time: what to disturb them with, and when their PUTs left."""

    rate: str
    count: int = 20
    workers: int = 8
    pauses: list[float] = field(default_factory=lambda: [0.001])
    hold: Hold = lambda _change: None
    failures: dict[str, list[FailureKind]] = field(default_factory=dict)
    before: Callable[["Sending"], None] = lambda _: None
    """Called once the loop runs."""
    at: list[float] = field(default_factory=list)
    """When each PUT left."""
    ages: list[float] = field(default_factory=list)
    """How old the intent of each PUT was."""
    unsent: list[int] = field(default_factory=list)
    """How many other intents were open at each PUT."""
    notes: Notebook = field(default_factory=Notebook)

    def changes(self) -> tuple[Change, ...]:
        tasks = [a_task(f"t{number}") for number in range(self.count)]
        return a_wish(a_policy(default=PolicyMode.AUTO)).planner.plan(an_inventory(*tasks)).changes

    def carry_out(self) -> "Sending":
        virtual_time.run(self._sent())
        return self

    async def _sent(self) -> None:
        loop, todo = asyncio.get_running_loop(), self.changes()
        journal = SlowJournal(cycle(self.pauses))
        self.notes = Notebook(journal, clock=loop.time)
        script = {task_id: [a_failure(kind) for kind in kinds] for task_id, kinds in self.failures.items()}
        on_wire: set[str] = set()

        def leaves(task_id: str) -> None:
            intents = [each for each in journal.durable if _is_intent(each, task_id)]
            assert intents, f"{task_id} leaves without an intent on disk"
            self.at.append(loop.time())
            self.ages.append(loop.time() - intents[-1].at)
            on_wire.add(task_id)
            self.unsent.append(len(self.open_intents() - on_wire))

        api = FakeApi.of([change.task for change in todo], script=script, before_put=leaves)
        site = a_site(api, self.notes, concurrency=self.workers)
        paced = PacedThrottle(
            "prod", parse_rate(self.rate), site.stop, emit=self.notes.recorder.emit, jitter=lambda: 0.5
        )
        self.before(self)
        await apply(replace(site, throttle=paced), todo, listed_at=loop.time(), hold=self.hold)

    def open_intents(self) -> set[str]:
        """Return the tasks with an attempt on record to which nothing is known."""
        found: set[str] = set()
        for event in self.notes.events:
            if isinstance(event, ChangeAttempted):
                found.add(event.task_id)
            elif task_id := getattr(event, "task_id", None):
                found.discard(task_id)
        return found

    def states(self) -> dict[str, State]:
        """Return what a report makes of it all."""
        planned = [b.a_change_planned(change.task.task_id, target="prod") for change in self.changes()]
        report = fold(b.entries(b.a_run_started("prod"), *planned, *self.notes.events))
        return {task.task_id: task.state for task in report.targets[0].tasks}

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(seconds, what)


def _is_intent(entry: Entry, task_id: str) -> bool:
    return isinstance(entry.event, ChangeAttempted) and entry.event.task_id == task_id


def _fullest(times: list[float], period: float) -> int:
    return max(bisect_left(times, at + period) - place for place, at in enumerate(times))


@settings(max_examples=40, deadline=None)
@given(
    rate=st.sampled_from(["1/s", "5/s", "20/s", "100/s", "200/s", "6/m"]),
    workers=st.integers(1, 32),
    pauses=st.lists(st.sampled_from([0.0, 0.001, 0.002, 0.02, 0.08, 0.5]), min_size=1, max_size=9),
)
def test_however_long_a_commit_takes_no_window_has_more_puts_than_the_rate_and_none_is_without_its_intent(
    rate, workers, pauses
):
    allowed = parse_rate(rate)

    sent = Sending(rate=rate, count=40, workers=workers, pauses=pauses).carry_out()

    assert len(sent.at) == 40
    assert _fullest(sent.at, allowed.period) <= allowed.count


@pytest.mark.parametrize("rate", ["6/m", "1/s", "20/s", "200/s"])
def test_an_intent_is_not_recorded_before_its_turn_is_near(rate):
    sent = Sending(rate=rate, count=60, workers=32).carry_out()

    assert max(sent.ages) <= 2 * AHEAD_S + 0.001
    assert max(sent.unsent) <= 2 * AHEAD_S * float(parse_rate(rate).per_second) + 1


@pytest.mark.parametrize(("rate", "pause"), [("200/s", 0.002), ("200/s", 0.02), ("200/s", 0.08), ("20/s", 0.5)])
def test_commits_cost_nothing_of_the_rate_as_long_as_there_are_workers(rate, pause):
    sent = Sending(rate=rate, count=400, workers=32, pauses=[pause]).carry_out()

    settled = sent.at[100:]
    assert 299 / (settled[-1] - settled[0]) > 0.99 * float(parse_rate(rate).per_second)


def test_what_is_held_while_it_waits_for_its_permit_is_withdrawn_and_deferred():
    sending = Sending(rate="6/m", count=3, workers=3)
    sending.hold = lambda change: (
        "somebody has it" if change.task.task_id == "t1" and "t1" in sending.open_intents() else None
    )

    sent = sending.carry_out()

    assert len(sent.at) == 2
    assert [event.task_id for event in sent.notes.of(ChangeWithdrawn)] == ["t1"]
    assert [(event.task_id, event.reason) for event in sent.notes.of(ChangeDeferred)] == [("t1", "somebody has it")]
    assert sent.states() == {"t0": State.ACKED, "t1": State.DEFERRED, "t2": State.ACKED}


def test_a_stop_leaves_no_intent_open():
    def stop_soon(sending: Sending) -> None:
        sending.later(0.2, lambda: sending.notes.stop.ask(RunStopped(exit_code=143, message="SIGTERM")))

    sent = Sending(rate="20/s", count=40, workers=32, pauses=[0.03], before=stop_soon).carry_out()

    assert 0 < len(sent.at) < 40
    assert not sent.open_intents()
    assert set(sent.states().values()) == {State.ACKED, State.NOT_ATTEMPTED}


def test_a_pause_takes_back_what_is_ready_and_it_is_recorded_again_as_the_same_attempt():
    sent = Sending(rate="200/s", count=40, workers=32, failures={"t3": [FailureKind.THROTTLED]}).carry_out()

    taken_back = {event.task_id for event in sent.notes.of(ChangeWithdrawn)}
    assert taken_back
    assert {event.attempt for event in sent.notes.of(ChangeAttempted) if event.task_id in taken_back} == {1}
    assert len(sent.notes.of(ChangeAcked)) == 40
    assert max(sent.ages) <= 2 * AHEAD_S + 0.001
