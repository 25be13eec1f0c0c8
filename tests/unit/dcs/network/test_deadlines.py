"""Deadlines end what takes too long, and nothing else."""

import asyncio

import pytest
import uvloop

from enforcer.dcs.network.deadlines import Deadlines

NEVER_S = 3600


async def test_what_takes_too_long_is_ended():
    with pytest.raises(TimeoutError), Deadlines().within(0.01):
        await asyncio.Event().wait()


async def test_what_is_in_time_is_left_alone():
    with Deadlines().within(NEVER_S):
        await asyncio.sleep(0)

    assert asyncio.current_task().cancelling() == 0


async def test_the_earliest_ends_first_whatever_was_opened_first():
    deadlines, ended = Deadlines(), []

    async def wait(name, seconds):
        try:
            with deadlines.within(seconds):
                await asyncio.Event().wait()
        except TimeoutError:
            ended.append(name)

    late = asyncio.create_task(wait("late", NEVER_S))
    await asyncio.gather(wait("second", 0.02), wait("first", 0.01))

    assert ended == ["first", "second"]
    assert not late.done()
    late.cancel()


async def test_those_that_come_after_the_timer_rang_are_ended_too():
    deadlines = Deadlines()
    for _ in range(3):
        with pytest.raises(TimeoutError), deadlines.within(0.01):
            await asyncio.Event().wait()

    assert asyncio.current_task().cancelling() == 0


async def test_an_error_of_its_own_is_no_timeout():
    with pytest.raises(ValueError, match="its own"), Deadlines().within(NEVER_S):
        raise ValueError("its own")


async def test_to_be_cancelled_from_outside_is_no_timeout():
    entered = asyncio.Event()

    async def wait():
        with Deadlines().within(NEVER_S):
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(wait())
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


async def test_to_be_cancelled_from_outside_as_well_stays_a_cancellation():
    deadlines, entered = Deadlines(), asyncio.Event()

    async def wait():
        deadline = deadlines.within(NEVER_S)
        with deadline:
            entered.set()
            try:
                await asyncio.Event().wait()
            finally:
                deadline.end()

    task = asyncio.create_task(wait())
    await entered.wait()
    task.cancel()

    with pytest.raises(asyncio.CancelledError):
        await task


def test_one_that_is_all_but_due_is_known_on_uvloop_too():
    async def opened_beside_it():
        deadlines = Deadlines()
        with deadlines.within(0.0001), deadlines.within(NEVER_S):
            return True

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(opened_beside_it())
