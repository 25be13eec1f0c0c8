"""The journal has each event at once; what shows or counts them has all of them, in their order, moments later."""

import asyncio

import pytest

from enforcer.run.recording import GATHER_S, GATHERED, Memory, Recorder
from tests import builders as b
from tests.virtual_time import run as in_virtual_time

FIVE = [b.a_change_verified(f"t{number}") for number in range(5)]


class Groups:
    """A sink that remembers in which groups it was told."""

    def __init__(self):
        self.groups = []

    def take(self, entries):
        self.groups.append([entry.event for entry in entries])

    @property
    def events(self):
        return [event for group in self.groups for event in group]


@pytest.fixture
def journal():
    return Memory()


@pytest.fixture
def sinks():
    return Groups(), Groups()


@pytest.fixture
def recorder(journal, sinks):
    return Recorder(journal, sinks, lambda: b.STARTED_AT)


def test_while_a_loop_runs_events_are_held_for_a_moment_and_come_in_one_group(recorder, journal, sinks):
    async def work():
        for event in FIVE:
            recorder.emit(event)
        assert [entry.event for entry in journal.entries] == FIVE
        assert [sink.groups for sink in sinks] == [[], []]
        await asyncio.sleep(GATHER_S * 1.1)
        assert [sink.groups for sink in sinks] == [[FIVE], [FIVE]]

    in_virtual_time(work())


def test_each_group_is_held_no_longer_than_the_first(recorder, sinks):
    async def work():
        for event in FIVE:
            recorder.emit(event)
            await asyncio.sleep(GATHER_S * 0.6)
        await asyncio.sleep(GATHER_S)

    in_virtual_time(work())
    assert sinks[0].groups == [FIVE[:2], FIVE[2:4], FIVE[4:]]


def test_without_a_loop_nothing_is_held(recorder, sinks):
    for event in FIVE:
        recorder.emit(event)

    assert sinks[0].groups == [[event] for event in FIVE]


def test_no_more_are_held_than_fit_into_a_group(recorder, sinks):
    async def work():
        for number in range(2 * GATHERED + 1):
            recorder.emit(b.a_change_verified(f"t{number}"))
        assert [len(group) for group in sinks[0].groups] == [GATHERED, GATHERED]

    in_virtual_time(work())


def test_what_a_loop_has_left_comes_when_it_is_asked_for(recorder, sinks):
    async def work():
        recorder.emit(FIVE[0])

    asyncio.run(work())
    recorder.emit(FIVE[1])
    recorder.pass_on()

    assert sinks[0].events == FIVE[:2]


def test_numbers_count_from_one_and_are_what_emit_returns(recorder, journal):
    assert [recorder.emit(event) for event in FIVE] == [1, 2, 3, 4, 5]
    assert [entry.seq for entry in journal.entries] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize("waits_s", [0, GATHER_S * 1.1], ids=["at once", "in its time"])
def test_a_bug_of_a_sink_is_raised_to_whoever_passes_on(waits_s):
    class Broken:
        def take(self, entries):
            raise KeyError("t0")

    recorder = Recorder(Memory(), [Broken()], lambda: b.STARTED_AT)

    async def work():
        recorder.emit(FIVE[0])
        await asyncio.sleep(waits_s)

    in_virtual_time(work())
    with pytest.raises(KeyError):
        recorder.pass_on()
    recorder.pass_on()
