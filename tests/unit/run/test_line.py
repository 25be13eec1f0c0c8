"""Who gives up waiting, at whatever point, takes nobody's place."""

import asyncio

import pytest

from enforcer.core.text.quantity import parse_rate
from enforcer.errors import ExitCode
from enforcer.model.answer import Failure, FailureKind, Reply
from enforcer.model.event import RunStopped
from enforcer.run.stopping import Stop
from enforcer.run.throttle import PacedThrottle
from tests import virtual_time

TAKEN = Reply(value=None, http_status=200)
REFUSED = Failure(kind=FailureKind.THROTTLED, message="slow down")


def a_throttle(rate: str = "10/s", stop: Stop | None = None) -> PacedThrottle:
    return PacedThrottle("prod", parse_rate(rate), stop or Stop(), emit=lambda _: None, jitter=lambda: 0.0)


async def started(paced: PacedThrottle) -> float:
    at = await paced.permit()
    assert at is not None
    return at


@pytest.mark.parametrize("after", [0.0, 0.04, 0.06, 0.1, 0.101, 0.15])
def test_whoever_gives_up_leaves_the_others_their_turn(after):
    async def main() -> float:
        paced = a_throttle()
        await started(paced)
        leaving = asyncio.create_task(paced.permit(lambda: asyncio.sleep(0.01)))
        await asyncio.sleep(0)
        staying = [asyncio.create_task(started(paced)) for _ in range(5)]
        await asyncio.sleep(after)
        leaving.cancel()
        return max(await asyncio.gather(*staying))

    assert virtual_time.run(main()) < 0.7


def test_whoever_fails_to_get_ready_leaves_the_others_their_turn():
    async def main() -> float:
        paced = a_throttle("1/s")

        async def fails() -> None:
            raise ZeroDivisionError

        for _ in range(5):
            with pytest.raises(ZeroDivisionError):
                await paced.permit(fails)
        return await started(paced)

    assert virtual_time.run(main()) < 0.1


def test_a_probe_that_is_given_up_makes_room_for_another():
    async def main() -> float:
        paced = a_throttle()
        paced.heard(await started(paced), REFUSED)
        probe, other = asyncio.create_task(started(paced)), asyncio.create_task(started(paced))
        await asyncio.wait([probe])
        assert not other.done()
        paced.heard(probe.result(), None)
        return await other

    assert virtual_time.run(main()) < 3


def test_a_pause_sends_those_who_are_ready_back_and_they_start_after_it():
    async def main() -> tuple[float | None, float]:
        paced = a_throttle("1/s")
        first = await started(paced)
        ready = asyncio.create_task(paced.permit(lambda: asyncio.sleep(0)))
        await asyncio.sleep(0.99)
        paced.heard(first, REFUSED)
        return await ready, await started(paced)

    nothing, after = virtual_time.run(main())

    assert nothing is None
    assert after > 2.9


def test_it_keeps_its_pace_on_the_other_loop_too():
    """What is due already is no timer there."""
    uvloop = pytest.importorskip("uvloop")

    async def main() -> list[float]:
        paced = a_throttle("5000/s")
        return sorted(await asyncio.gather(*(started(paced) for _ in range(100))))

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        starts = runner.run(main())

    # Its clock has whole milliseconds, and whoever is late by five keeps the place.
    assert starts[-1] - starts[0] > 60 / 5000


def test_without_a_limit_who_is_ready_when_the_first_refusal_comes_is_sent_back_and_starts_after_the_pause():
    async def main() -> tuple[float | None, float, float]:
        paced = a_throttle("unlimited")
        first = await started(paced)
        ready = asyncio.create_task(paced.permit(lambda: asyncio.sleep(0.1)))
        await asyncio.sleep(0.05)
        paced.heard(first, REFUSED)
        return await ready, first, await started(paced)

    nothing, first, after = virtual_time.run(main())
    assert nothing is None
    assert after - first >= 2.0, "no start before the gate opens"


def test_without_a_limit_nobody_starts_once_a_stop_is_asked_for():
    async def main() -> tuple[float | None, float | None, list[str]]:
        stop, done = Stop(), []
        paced = a_throttle("unlimited", stop)

        async def ready() -> None:
            done.append("ready")
            await asyncio.sleep(0.1)

        waiting = asyncio.create_task(paced.permit(ready))
        await asyncio.sleep(0.05)
        stop.ask(RunStopped(exit_code=ExitCode.ABORTED, message="enough"))
        return await waiting, await paced.permit(ready), done

    begun, later, done = virtual_time.run(main())
    assert begun is later is None
    assert done == ["ready"], "after the stop nothing is prepared any more"
