"""A server with a quota, in virtual time: one gate for all, no task failed, little wasted."""

import asyncio
import random
from collections import deque
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.pacing.rate import Gate, RateController
from enforcer.core.text.quantity import parse_rate
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import Event, RunStopped, ThrottleGated
from enforcer.model.limits import Rate
from enforcer.run.stopping import Stop
from enforcer.run.throttle import PacedThrottle
from tests import virtual_time


class Quota:
    """At most *count* requests in any *period* seconds; *names* it in its refusals or not."""

    def __init__(self, count: int, period: float, *, names: bool, counts_refused: bool = False) -> None:
        self.count, self.period, self.names, self.counts_refused = count, period, names, counts_refused
        self.taken: deque[float] = deque()
        self.refused = 0
        self.arrivals: list[float] = []

    def ask(self, now: float) -> Reply[None] | Failure:
        self.arrivals.append(now)
        while self.taken and self.taken[0] <= now - self.period:
            self.taken.popleft()
        is_refused = len(self.taken) >= self.count
        if not is_refused or self.counts_refused:
            self.taken.append(now)
        if not is_refused:
            return Reply(value=None, http_status=200)
        self.refused += 1
        limit = Rate(count=self.count, period=int(self.period), text=f"{self.count}/{self.period:g}s")
        return Failure(kind=FailureKind.THROTTLED, message="slow down", limit=limit if self.names else None)


class Shared(Quota):
    """A quota of which others take so many a second on the average, at any time."""

    def __init__(self, count: int, period: float, *, others_per_s: float, seed: int) -> None:
        super().__init__(count, period, names=False)
        self._chance = random.Random(seed)
        self._others_per_s = others_per_s
        self._next = 0.0

    def ask(self, now: float) -> Reply[None] | Failure:
        while self._next <= now:
            if sum(at > self._next - self.period for at in self.taken) < self.count:
                self.taken.append(self._next)
            self._next += self._chance.expovariate(self._others_per_s)
        return super().ask(now)


def carry_out(
    quota: Quota, requests: int, rate: str, *, workers: int = 8, latency: float = 0.05, uneven_s: float = 0.0
):
    """Send *requests*, each again until it is taken; return the events, the stop and the time it took.

    On the average they are *uneven_s* on their way.
    """
    chance = random.Random(1)

    async def main():
        loop = asyncio.get_running_loop()
        stop = Stop()
        events: list[Event] = []
        throttle = PacedThrottle("prod", parse_rate(rate), stop, emit=events.append, jitter=lambda: 0.5)
        pending = iter(range(requests))

        async def worker() -> None:
            for _ in pending:
                answer: Any = None
                while not isinstance(answer, Reply):
                    started = await throttle.permit()
                    if stop.is_set:
                        return
                    if started is None:
                        continue
                    if uneven_s:
                        await asyncio.sleep(chance.expovariate(1 / uneven_s))
                    answer = quota.ask(loop.time())
                    await asyncio.sleep(latency)
                    throttle.heard(started, answer)

        await asyncio.gather(*(worker() for _ in range(workers)))
        return events, stop, loop.time()

    return virtual_time.run(main())


@pytest.mark.parametrize("counts_refused", [False, True])
@pytest.mark.parametrize("names", [True, False])
def test_a_quota_of_sixty_a_minute_is_outlasted(names, counts_refused):
    quota = Quota(60, 60, names=names, counts_refused=counts_refused)

    _, stop, took = carry_out(quota, 300, "5/s")

    assert not stop.is_set
    assert len(quota.arrivals) - quota.refused == 300
    assert quota.refused <= 20
    assert took < 600


def test_a_quota_that_is_named_costs_a_handful_of_refusals():
    quota = Quota(60, 60, names=True)

    _, _, took = carry_out(quota, 300, "5/s")

    assert quota.refused <= 6
    assert took < 1.15 * 300


@pytest.mark.parametrize("uneven_s", [0.0, 0.004])
def test_a_hidden_quota_is_found_and_nearly_used_up(uneven_s):
    quota = Quota(20, 1, names=False)

    _, _, took = carry_out(quota, 1_000, "100/s", uneven_s=uneven_s)

    assert quota.refused <= 20
    assert took < 1.15 * 1_000 / 20


@pytest.mark.parametrize("counts_refused", [False, True])
@pytest.mark.parametrize(("count", "rate"), [(60, "5/s"), (600, "50/s")])
def test_a_hidden_quota_of_a_minute_is_found_with_few_refusals(count, rate, counts_refused):
    quota = Quota(count, 60, names=False, counts_refused=counts_refused)

    events, _, took = carry_out(quota, 5 * count // 2, rate)

    assert quota.refused <= 0.02 * len(quota.arrivals)
    assert took < 1.05 * 150
    gates = [event for event in events if isinstance(event, ThrottleGated)]
    assert {event.limit for event in gates} == {None}
    assert {event.inferred for event in gates} == {None, f"{count}/m"}, "the first refusal says nothing yet"


@pytest.mark.parametrize("others", [5, 10, 15])
def test_a_second_that_is_shared_with_others_is_hardly_ever_taken_for_a_minute(others):
    """What others take comes and goes: the doubling gate has most to say, and a minute is waited for once at most."""
    waits = []
    for seed in range(6):
        quota = Shared(20, 1, others_per_s=others, seed=seed)
        events, stop, _ = carry_out(quota, 200, "100/s")
        assert not stop.is_set
        waits += [event.wait_s for event in events if isinstance(event, ThrottleGated) and event.times <= 2]

    assert sum(wait > 10.0 for wait in waits) <= 0.1 * len(waits)


def test_what_was_taken_before_a_throttle_is_where_the_rate_begins_again_a_little_below():
    controller = RateController(100.0)
    controller.succeeded(0.5)
    controller.throttled(1.0, 20.0)
    assert controller.rate_per_s == pytest.approx(18.43)

    for second in range(2, 47):
        controller.succeeded(float(second))
    assert 19.0 < (controller.rate_per_s or 0.0) <= 19.41


def test_while_the_gate_is_closed_nothing_is_sent_and_then_one_probe():
    quota = Quota(0, 60, names=False)

    events, _, _ = carry_out(quota, 3, "50/s", workers=32)
    gates = [event for event in events if isinstance(event, ThrottleGated)]

    # At 50/s and 50 ms of latency at most three more are under way when the first refusal is heard.
    assert len(quota.arrivals) <= len(gates) + 3


def test_throttling_without_end_gives_the_target_up():
    _, stop, took = carry_out(Quota(0, 60, names=False), 3, "5/s")

    assert stop.cause.exit_code == 5
    assert 600 < took < 720


def test_a_wait_of_more_than_five_minutes_is_not_waited_for():
    async def main() -> RunStopped | None:
        stop = Stop()
        throttle = PacedThrottle("prod", parse_rate("5/s"), stop, emit=lambda _: None, jitter=lambda: 0.0)
        started = await throttle.permit()
        assert started is not None
        throttle.heard(started, Failure(kind=FailureKind.THROTTLED, message="", retry_after_s=301.0))
        return stop.cause

    assert virtual_time.run(main()).exit_code == 5


def test_the_rate_falls_and_climbs_back_but_never_above_what_was_asked():
    controller = RateController(5.0)
    controller.throttled(0.0, 5.0)
    assert controller.rate_per_s == pytest.approx(3.5)

    rates: list[float] = []
    for second in range(1, 140):
        controller.succeeded(float(second))
        rates.append(controller.rate_per_s or 0.0)

    assert rates == sorted(rates)
    assert rates[-1] == 5.0


def test_the_rate_falls_once_a_second_at_most():
    controller = RateController(10.0)
    for moment in (0.0, 0.1, 0.9):
        controller.throttled(moment, 10.0)

    assert controller.rate_per_s == pytest.approx(7.0)


def test_a_named_limit_lowers_the_ceiling_and_never_raises_it():
    controller = RateController(5.0)
    controller.learned(Rate(count=200, period=1, text="200/s"))
    assert controller.rate_per_s == 5.0

    controller.learned(Rate(count=60, period=60, text="60/m"))
    assert controller.rate_per_s == controller.ceiling_per_s == 1.0


def test_requests_that_were_under_way_when_the_gate_closed_do_not_close_it_further():
    gate = Gate()
    first = gate.throttled(10.0, jitter=0.0, at_least_s=0.0)

    assert first == 2.0
    assert gate.is_known(9.95)
    assert not gate.is_known(12.1)
    assert gate.throttled(12.5, jitter=0.0, at_least_s=0.0) == 4.0


STEPS = st.lists(
    st.tuples(st.floats(0, 2), st.sampled_from(["ok", "throttled", "limit", "lost", "dead"])),
    min_size=1,
    max_size=80,
)


@settings(max_examples=80, deadline=None)
@given(steps=STEPS, rate=st.sampled_from(["1/s", "5/s", "100/s", "30/m"]), workers=st.integers(1, 16))
def test_whatever_is_answered_no_window_holds_more_starts_than_the_rate_and_everything_ends(steps, rate, workers):
    allowed = parse_rate(rate)
    answers = {
        "ok": Reply(value=None, http_status=200),
        "throttled": Failure(kind=FailureKind.THROTTLED, message=""),
        "limit": Failure(kind=FailureKind.THROTTLED, message="", limit=Rate(count=3, period=1, text="3/s")),
        "lost": Failure(kind=FailureKind.LOST, message=""),
        "dead": None,
    }

    async def main() -> list[float]:
        throttle = PacedThrottle("prod", allowed, Stop(), emit=lambda _: None, jitter=lambda: 0.5)
        pending = iter(steps)
        times: list[float] = []

        async def worker() -> None:
            for pause, what in pending:
                started = None
                while started is None:
                    started = await throttle.permit()
                times.append(started)
                await asyncio.sleep(pause)
                throttle.heard(started, answers[what])

        await asyncio.gather(*(worker() for _ in range(workers)))
        return times

    times = virtual_time.run(main())

    assert len(times) == len(steps)
    for place, at in enumerate(times):
        assert sum(at <= other < at + allowed.period for other in times[place:]) <= allowed.count
