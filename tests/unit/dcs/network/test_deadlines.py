"""Deadlines end what takes too long, and nothing else."""

import asyncio

import uvloop

from enforcer.dcs.network.deadlines import Deadlines

NEVER_S = 3600


async def test_what_takes_too_long_is_ended_the_earliest_first_whatever_was_put_first():
    ended, over = [], asyncio.Event()

    def end(name):
        ended.append(name)
        if name == "second":
            over.set()

    deadlines = Deadlines(end)
    for name, seconds in {"late": NEVER_S, "second": 0.02, "first": 0.01}.items():
        deadlines.put(name, seconds)
    await over.wait()

    assert ended == ["first", "second"]


async def test_what_was_lifted_is_left_alone():
    ended, over = [], asyncio.Event()

    def end(name):
        ended.append(name)
        over.set()

    deadlines = Deadlines(end)
    deadlines.put("lifted", 0)
    deadlines.put("left", 0.01)
    deadlines.lift("lifted")
    await over.wait()

    assert ended == ["left"]


async def test_what_was_ended_may_be_lifted_and_put_again():
    over = asyncio.Event()

    def end(_):
        over.set()

    deadlines = Deadlines(end)
    for _ in range(3):
        deadlines.put("again", 0.01)
        await over.wait()
        deadlines.lift("again")
        over.clear()


async def test_ending_one_may_lift_others_that_are_as_late():
    ended, over = [], asyncio.Event()

    def end(name):
        ended.append(name)
        for other in ("one", "other"):
            deadlines.lift(other)
        over.set()

    deadlines = Deadlines(end)
    deadlines.put("one", 0)
    deadlines.put("other", 0)
    await over.wait()
    await asyncio.sleep(0)

    assert len(ended) == 1


def test_one_that_is_all_but_due_is_known_on_uvloop_too():
    async def put_beside_it():
        deadlines = Deadlines(id)
        deadlines.put("due", 0.0001)
        deadlines.put("late", NEVER_S)
        return True

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        assert runner.run(put_beside_it())
