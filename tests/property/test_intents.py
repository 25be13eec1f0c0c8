"""Intent, permit, PUT, in this order and in virtual time: the intent is durable first, and shortly before or while
others' answers are awaited; nothing lies between permit and wire, however long the journal takes; what may not leave
after all is withdrawn.
"""

import asyncio
import contextlib
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.core.text.quantity import parse_rate
from enforcer.journal.writer import LINGER_S
from enforcer.model.answer import FailureKind
from enforcer.model.event import (
    ChangeAcked,
    ChangeAttempted,
    ChangeDeferred,
    ChangeWithdrawn,
    Entry,
    Event,
    RunStopped,
    ThrottleGated,
)
from enforcer.model.plan import Change
from enforcer.model.report.task import State
from enforcer.model.rule import PolicyMode
from enforcer.run.apply import SPARE_S, apply
from enforcer.run.line import AHEAD_S
from enforcer.run.recording import Memory
from enforcer.run.snapshot import SNAPSHOT_S
from enforcer.run.story import Hold
from enforcer.run.throttle import PacedThrottle
from tests import builders as b
from tests import virtual_time
from tests.fakes import FakeApi, Notebook, a_failure, a_site
from tests.wishes import a_policy, a_task, a_wish, an_inventory


class SlowJournal(Memory):
    """A journal whose commits take *pauses*, in turn; *durable* has what is on disk.

    As the real one, it commits within LINGER_S what nobody waits for.
    """

    def __init__(self, pauses: Iterator[float]) -> None:
        super().__init__()
        self._pauses = pauses
        self._lingering: asyncio.Task[None] | None = None
        self.durable: list[Entry] = []

    def emit(self, entry: Entry) -> None:
        super().emit(entry)
        if self._lingering is None or self._lingering.done():
            self._lingering = asyncio.create_task(self._commit_later())

    async def flushed(self, number: int | None = None) -> None:
        if number is None or number > len(self.durable):
            await self._commit()

    async def _commit_later(self) -> None:
        await asyncio.sleep(LINGER_S)
        await self._commit()

    async def _commit(self) -> None:
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
    latency_s: float = 0.0
    hold: Hold = lambda _change: None
    failures: dict[str, list[FailureKind]] = field(default_factory=dict)
    age_s: float = 0.0
    """How long ago the tasks were listed."""
    before: Callable[["Sending"], None] = lambda _: None
    """Called once the loop runs."""
    at: list[float] = field(default_factory=list)
    """When each PUT left."""
    ages: list[float] = field(default_factory=list)
    """How old the intent of each PUT was."""
    unsent: list[int] = field(default_factory=list)
    """How many other intents were open at each PUT."""
    peak_in_flight: int = 0
    left: Counter[str] = field(default_factory=Counter)
    """How many PUTs left for each task."""
    took_s: float = 0.0
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

        def leaves(task_id: str) -> None:
            intents = [each for each in journal.durable if _is_intent(each, task_id)]
            assert intents, f"{task_id} leaves without an intent on disk"
            self.at.append(loop.time())
            self.ages.append(loop.time() - intents[-1].at)
            self.left[task_id] += 1
            self.unsent.append(len(self.waiting()))

        tasks = [change.task for change in todo]
        api = FakeApi.of(tasks, script=script, before_put=leaves, latency_s=self.latency_s)
        site = a_site(api, self.notes, concurrency=self.workers)
        paced = PacedThrottle(
            "prod", parse_rate(self.rate), site.stop, emit=self.notes.recorder.emit, jitter=lambda: 0.5
        )
        self.before(self)
        began = loop.time()
        await apply(replace(site, throttle=paced), todo, listed_at=began - self.age_s, hold=self.hold)
        self.took_s = loop.time() - began
        self.peak_in_flight = api.peak_in_flight

    def open_intents(self) -> set[str]:
        """Return the tasks with an attempt on record to which nothing is known."""
        found: set[str] = set()
        for event in self.notes.events:
            if isinstance(event, ChangeAttempted):
                found.add(event.task_id)
            elif task_id := getattr(event, "task_id", None):
                found.discard(task_id)
        return found

    def waiting(self) -> set[str]:
        """Return the tasks with an intent on record whose PUT has not left."""
        return self.open_intents() - set(self.left)

    def states(self) -> dict[str, State]:
        """Return what a report makes of it all."""
        planned = [b.a_change_planned(change.task.task_id, target="prod") for change in self.changes()]
        report = fold(b.entries(b.a_run_started("prod"), *planned, *self.notes.events))
        return {task.task_id: task.state for task in report.targets[0].tasks}

    def later(self, seconds: float, what: Callable[[], object]) -> None:
        asyncio.get_running_loop().call_later(seconds, what)


@dataclass
class Glance:
    """Looks at a sending, some times in a row, when *event* has happened."""

    event: type[Event]
    waiting: list[set[str]] = field(default_factory=list)

    def __call__(self, sending: Sending) -> None:
        if sending.notes.of(self.event):
            self.waiting.append(sending.waiting())
        if len(self.waiting) < 20:
            sending.later(0.001, lambda: self(sending))


def stop_after(seconds: float) -> Callable[[Sending], None]:
    """Return what asks for a stop so many seconds after the beginning."""

    def before(sending: Sending) -> None:
        sending.later(seconds, lambda: sending.notes.stop.ask(RunStopped(exit_code=143, message="SIGTERM")))

    return before


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
    sent = Sending(rate="20/s", count=40, workers=32, pauses=[0.03], before=stop_after(0.2)).carry_out()

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


# --- without a limit

FATES = [FailureKind.LOST, FailureKind.TRANSIENT, FailureKind.REJECTED, FailureKind.THROTTLED, FailureKind.NOT_SENT]
NAMES = [f"t{number}" for number in range(60)]


@settings(max_examples=80, deadline=None)
@given(
    workers=st.integers(1, 16),
    latency_s=st.sampled_from([0.0, SPARE_S, 0.03, 0.5]),
    pauses=st.lists(st.sampled_from([0.0, 0.001, 0.02, 0.5]), min_size=1, max_size=5),
    failures=st.dictionaries(st.sampled_from(NAMES), st.lists(st.sampled_from(FATES), max_size=2), max_size=6),
    stops_after_s=st.none() | st.floats(0, 2),
    held_after=st.none() | st.integers(0, 60),
)
def test_no_put_is_without_its_intent_nor_one_too_many_and_no_intent_stays_open_without_a_limit_either(
    *, workers, latency_s, pauses, failures, stops_after_s, held_after
):
    sending = Sending(rate="unlimited", count=60, workers=workers, pauses=pauses, latency_s=latency_s)
    sending.failures = failures
    if stops_after_s is not None:
        sending.before = stop_after(stops_after_s)
    if held_after is not None:
        sending.hold = lambda _change: "an incident has begun" if len(sending.at) >= held_after else None

    sent = sending.carry_out()

    assert sent.peak_in_flight <= workers
    assert max(sent.unsent, default=0) <= 2 * workers
    assert not sent.open_intents()
    intents = Counter(event.task_id for event in sent.notes.of(ChangeAttempted))
    intents.subtract(event.task_id for event in sent.notes.of(ChangeWithdrawn))
    assert +intents == sent.left
    if not sent.notes.of(RunStopped) and not sent.notes.stop.is_set:
        assert set(sent.states().values()) <= {State.ACKED, State.FAILED, State.UNKNOWN, State.DEFERRED}


def test_the_next_intents_become_durable_while_answers_are_awaited():
    sent = Sending(rate="unlimited", count=800, workers=8, pauses=[0.005], latency_s=0.03).carry_out()

    nothing_but_answers_s = 800 / 8 * 0.03
    assert sent.took_s < nothing_but_answers_s * 1.02


def test_where_answers_come_at_once_nothing_is_recorded_ahead():
    sent = Sending(rate="unlimited", count=200, workers=8, pauses=[0.005], latency_s=SPARE_S * 8 / 2).carry_out()

    assert max(sent.unsent) < 8


def test_what_is_on_record_ahead_is_withdrawn_as_soon_as_the_server_wants_a_pause():
    glance = Glance(ThrottleGated)
    all_on_the_wire = {f"t{number}": [FailureKind.THROTTLED] for number in range(16, 24)}
    sending = Sending(rate="unlimited", count=60, workers=8, latency_s=0.03, failures=all_on_the_wire, before=glance)

    sent = sending.carry_out()

    assert glance.waiting == [set()] * 20
    assert sent.notes.of(ChangeWithdrawn)
    assert set(sent.states().values()) == {State.ACKED}


def test_a_look_that_is_told_to_slow_down_takes_back_what_is_on_record_ahead_as_well():
    glance = Glance(ThrottleGated)
    lost, slow_down = [FailureKind.LOST], [FailureKind.THROTTLED]
    sending = Sending(rate="unlimited", count=60, workers=1, latency_s=0.03, before=glance)
    sending.failures = {"t16": lost, "show t16": slow_down}

    sent = sending.carry_out()

    assert glance.waiting == [set()] * 20
    assert sent.notes.of(ChangeWithdrawn)
    assert set(sent.states().values()) == {State.ACKED}


def test_what_is_on_record_ahead_is_withdrawn_as_soon_as_a_stop_is_asked_for():
    right_after: list[set[str]] = []

    def before(sending: Sending) -> None:
        stop_after(0.1)(sending)
        sending.later(0.101, lambda: right_after.append(sending.waiting()))

    sent = Sending(rate="unlimited", count=60, workers=8, latency_s=0.03, before=before).carry_out()

    assert right_after == [set()]
    assert len({event.task_id for event in sent.notes.of(ChangeWithdrawn)}) == 8
    assert not sent.open_intents()
    assert set(sent.states().values()) == {State.ACKED, State.NOT_ATTEMPTED}


def test_what_is_on_record_ahead_is_asked_about_again_before_it_leaves():
    sending = Sending(rate="unlimited", count=60, workers=8, latency_s=0.03)
    sending.hold = lambda _change: "an incident has begun" if len(sending.at) > 20 else None

    sent = sending.carry_out()

    assert len(sent.at) == 21
    assert not sent.open_intents()
    assert sorted(sent.states().values()) == [State.ACKED] * 21 + [State.DEFERRED] * 39
    assert len(sent.notes.of(ChangeWithdrawn)) <= 8, "what is held by then is not recorded ahead"


def test_what_cannot_be_asked_ahead_is_asked_at_its_turn_where_a_bug_fails_one_change_only():
    sending = Sending(rate="unlimited", count=60, workers=8, latency_s=0.03)

    def hold(change: Change) -> str | None:
        if change.task.task_id == "t30":
            raise ZeroDivisionError
        return None

    sending.hold = hold
    sent = sending.carry_out()

    assert Counter(sent.states().values()) == {State.ACKED: 59, State.FAILED: 1}


def test_what_is_on_record_ahead_is_withdrawn_when_the_sending_breaks_off():
    class Interrupt(BaseException):
        """As a KeyboardInterrupt would come out of a request."""

    def interrupt(_change: Change) -> None:
        if len(sending.at) > 20:
            raise Interrupt

    sending = Sending(rate="unlimited", count=60, workers=8, latency_s=0.03, hold=interrupt)
    with contextlib.suppress(Interrupt):
        sending.carry_out()

    assert sending.notes.of(ChangeWithdrawn)
    assert not sending.waiting()


def test_what_is_on_record_ahead_is_looked_at_again_once_its_row_is_old():
    sent = Sending(rate="unlimited", count=60, workers=8, latency_s=0.03, age_s=SNAPSHOT_S - 0.07).carry_out()

    looked_at_again = {event.message for event in sent.notes.of(ChangeWithdrawn)}
    assert looked_at_again == {"nothing was sent: its task is looked at again first"}
    assert not sent.open_intents()
    assert set(sent.states().values()) == {State.ACKED}
