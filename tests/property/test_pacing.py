"""The rate, in virtual time: no window ever holds more starts than the rate allows, and little of it is wasted."""

import asyncio
from bisect import bisect_left
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.text.quantity import parse_rate
from enforcer.model.event import RunStopped
from enforcer.run.stopping import Stop
from enforcer.run.throttle import PacedThrottle
from tests import virtual_time

RATES = ["0.5/s", "1/s", "2.5/s", "5/s", "60/m", "90/h", "100/s", "200/s"]


def a_throttle(rate: str, stop: Stop, emit=lambda _event: None) -> PacedThrottle:
    return PacedThrottle("prod", parse_rate(rate), stop, emit=emit, jitter=lambda: 0.5)


def starts(rate: str, workers: int, pauses: list[float]) -> list[float]:
    """Return the times of one start for each of *pauses*, before which a worker dawdles that long."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()
        paced = a_throttle(rate, Stop())
        pending = iter(pauses)
        times: list[float] = []

        async def worker() -> None:
            for pause in pending:
                await asyncio.sleep(pause)
                await paced.permit()
                times.append(loop.time())

        await asyncio.gather(*(worker() for _ in range(workers)))
        return times

    return virtual_time.run(main())


def fullest_window(times: list[float], period: float) -> int:
    return max(bisect_left(times, at + period) - place for place, at in enumerate(times))


@settings(max_examples=60, deadline=None)
@given(
    rate=st.sampled_from(RATES),
    workers=st.integers(1, 64),
    pauses=st.lists(st.one_of(st.just(0.0), st.floats(0, 3)), min_size=2, max_size=120),
)
def test_no_window_holds_more_starts_than_the_rate_allows(rate, workers, pauses):
    allowed = parse_rate(rate)

    times = starts(rate, workers, pauses)

    assert len(times) == len(pauses)
    assert fullest_window(times, allowed.period) <= allowed.count


@pytest.mark.parametrize("rate", RATES)
@pytest.mark.parametrize("workers", [1, 8, 64])
def test_with_enough_work_at_least_98_percent_of_the_rate_is_used_evenly(rate, workers):
    asked = float(parse_rate(rate).per_second)

    times = starts(rate, workers, [0.0] * 200)
    gaps = [later - earlier for earlier, later in pairwise(times)]

    assert 199 / (times[-1] - times[0]) >= 0.98 * asked
    assert max(gaps) < 1.2 / asked
    assert min(gaps) > 0.8 / asked or min(gaps) > 1 / asked - 0.006


def test_permits_are_given_in_the_order_in_which_they_were_asked_for():
    async def main() -> list[int]:
        paced = a_throttle("100/s", Stop())
        order: list[int] = []

        async def worker(number: int) -> None:
            await paced.permit()
            order.append(number)

        await asyncio.gather(*(worker(number) for number in range(50)))
        return order

    assert list(range(50)) == virtual_time.run(main())


def test_a_stop_ends_the_wait_of_everyone_at_once():
    async def main() -> float:
        loop = asyncio.get_running_loop()
        stop = Stop()
        paced = a_throttle("1/h", stop)
        loop.call_later(5, stop.ask, RunStopped(exit_code=130, message="enough"))
        await asyncio.gather(*(paced.permit() for _ in range(10)))
        return loop.time()

    assert virtual_time.run(main()) < 6
