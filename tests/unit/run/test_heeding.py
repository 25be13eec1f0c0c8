"""A run that may not go on stops: before a group of changes, and in the middle of one."""

import asyncio

import pytest

from enforcer.errors import ExitCode
from enforcer.model.event import RunStopped
from enforcer.run.apply import apply
from enforcer.run.heeding import HEED_S, heeding
from tests import virtual_time
from tests.fakes import FakeApi, Notebook, a_site
from tests.unit.run.test_apply import changes

LOST = RunStopped(exit_code=ExitCode.IO, message="the lock is lost")


async def test_no_group_of_changes_is_begun_by_a_run_that_may_not_go_on():
    notes = Notebook(objection=lambda: LOST)
    todo = changes()
    api = FakeApi.of([change.task for change in todo])

    await apply(a_site(api, notes), todo, listed_at=asyncio.get_running_loop().time(), hold=lambda _change: None)

    assert api.puts == []
    assert notes.stop.cause == LOST


def test_what_comes_up_meanwhile_is_heeded_within_half_a_second():
    async def work() -> float:
        loop = asyncio.get_running_loop()
        notes = Notebook(objection=lambda: LOST if loop.time() >= 10 else None)
        async with heeding(notes.conduct):
            await notes.stop.sleep(1000)
            assert notes.stop.cause == LOST
            return loop.time()

    assert 10 <= virtual_time.run(work()) <= 10 + 2 * HEED_S


def test_the_looking_ends_with_the_block_and_with_a_stop():
    async def work() -> None:
        looks = []
        notes = Notebook(objection=lambda: looks.append(1))
        async with heeding(notes.conduct):
            await asyncio.sleep(10 * HEED_S)
        seen = len(looks)
        assert 9 <= seen <= 11
        await asyncio.sleep(10 * HEED_S)
        assert len(looks) == seen

        async with heeding(notes.conduct):
            notes.stop.ask(LOST)
            await asyncio.sleep(10 * HEED_S)
        assert len(looks) <= seen + 1

    virtual_time.run(work())


def test_an_error_in_the_looking_is_not_swallowed():
    def broken() -> None:
        raise ZeroDivisionError

    async def work() -> None:
        async with heeding(Notebook(objection=broken).conduct):
            await asyncio.sleep(1)

    with pytest.raises(ZeroDivisionError):
        virtual_time.run(work())
