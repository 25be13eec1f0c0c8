import asyncio

import pytest

from enforcer.errors import ExitCode
from enforcer.model.event import RunStopped
from enforcer.run.stopping import Interrupted, Stop

CAUSE = RunStopped(exit_code=ExitCode.SIGTERM, message="SIGTERM received")


async def test_a_stop_interrupts_everything_that_may_be_interrupted():
    stop = Stop()
    ended: list[bool] = []

    async def wait_for_ever():
        async with stop.child().interrupts() if len(ended) % 2 else stop.interrupts():
            try:
                await asyncio.Event().wait()
            finally:
                ended.append(True)

    waiting = [asyncio.create_task(wait_for_ever()) for _ in range(3)]
    await asyncio.sleep(0)
    stop.ask(CAUSE)
    results = await asyncio.gather(*waiting, return_exceptions=True)

    assert [type(result) for result in results] == [Interrupted] * 3
    assert ended == [True] * 3


def test_whoever_listens_hears_of_a_stop_before_those_that_it_stops():
    stop = Stop()
    heard: list[str] = []
    stop.child().listen(lambda _: heard.append("child"))
    stop.listen(lambda _: heard.append("listener"))

    stop.ask(CAUSE)

    assert heard == ["listener", "child"]


async def test_what_has_ended_is_not_interrupted():
    stop = Stop()
    async with stop.interrupts():
        await asyncio.sleep(0)
    stop.ask(CAUSE)
    await asyncio.sleep(0)


async def test_what_ends_in_the_same_moment_has_ended():
    stop = Stop()
    async with stop.interrupts():
        stop.ask(CAUSE)


async def test_after_a_stop_nothing_begins():
    stop = Stop()
    stop.ask(CAUSE)
    with pytest.raises(Interrupted):
        async with stop.interrupts():
            pytest.fail("it began")


async def test_a_time_out_of_the_work_itself_is_its_own():
    with pytest.raises(TimeoutError):
        async with Stop().interrupts(), asyncio.timeout(0):
            await asyncio.Event().wait()


async def test_a_cancellation_from_elsewhere_stays_one():
    stop = Stop()

    async def wait_for_ever():
        async with stop.interrupts():
            await asyncio.Event().wait()

    waiting = asyncio.create_task(wait_for_ever())
    await asyncio.sleep(0)
    waiting.cancel()

    with pytest.raises(asyncio.CancelledError):
        await waiting
    stop.ask(CAUSE)
