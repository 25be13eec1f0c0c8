"""Without a terminal, the log says every few seconds how far each target is, until it is through."""

import asyncio

from enforcer.cli.terminal.progress import EVERY_S, _Periodic
from tests import builders as b
from tests.virtual_time import run as in_virtual_time


class Told:
    def __init__(self):
        self.lines = []

    def emit(self, entry):
        raise AssertionError("events are the log's own business")

    def progress(self, at, status):
        self.lines.append((at, status.target, status.stage))


def test_what_is_through_has_nothing_more_to_say():
    told = Told()
    started, listed, failed, finished = b.entries(
        b.a_run_started("eu", "ap", "us"),
        b.a_plan_built(0, target="ap"),
        b.a_target_failed(target="us"),
        b.a_run_finished(),
    )

    async def work():
        periodic = _Periodic(told, clock=asyncio.get_running_loop().time)
        periodic.emit(started)
        await asyncio.sleep(EVERY_S * 1.5)
        periodic.emit(listed)
        periodic.emit(failed)
        await asyncio.sleep(EVERY_S)
        periodic.emit(finished)
        await asyncio.sleep(EVERY_S * 10)

    in_virtual_time(work())

    assert [(name, stage) for _, name, stage in told.lines] == [
        ("eu", "listing tasks"),
        ("ap", "listing tasks"),
        ("us", "listing tasks"),
        ("eu", "listing tasks"),
    ]
