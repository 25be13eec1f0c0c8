"""Where a line cannot be drawn again, it is said every few seconds how far each target is, until it is through."""

import asyncio
import io

from rich.console import Console

from enforcer.cli.terminal.progress import EVERY_S, _Lines, _Periodic
from enforcer.core.fold.headway import Status
from tests import builders as b
from tests.virtual_time import run as in_virtual_time


class Told:
    def __init__(self):
        self.lines = []

    def take(self, entries):
        raise AssertionError("events are the log's own business")

    def progress(self, at, status):
        self.lines.append((at, status.target, status.stage))


def test_what_is_through_has_nothing_more_to_say():
    told = Told()
    started, listed, failed = b.entries(
        b.a_run_started("eu", "ap", "us"),
        b.a_plan_built(0, target="ap"),
        b.a_target_failed(target="us"),
    )

    async def work():
        periodic = _Periodic(told, clock=asyncio.get_running_loop().time)
        periodic.take([started])
        await asyncio.sleep(EVERY_S * 1.5)
        periodic.take([listed, failed])
        await asyncio.sleep(EVERY_S)
        periodic.close()
        await asyncio.sleep(EVERY_S * 10)

    in_virtual_time(work())

    assert [(name, stage) for _, name, stage in told.lines] == [
        ("eu", "listing tasks"),
        ("ap", "listing tasks"),
        ("us", "listing tasks"),
        ("eu", "listing tasks"),
    ]


def test_while_somebody_is_asked_nothing_is_said():
    told = Told()
    (started,) = b.entries(b.a_run_started("eu"))

    async def work():
        periodic = _Periodic(told, clock=asyncio.get_running_loop().time)
        periodic.take([started])
        periodic.pause()
        await asyncio.sleep(EVERY_S * 3.5)
        periodic.resume()
        await asyncio.sleep(EVERY_S)
        periodic.close()

    in_virtual_time(work())

    assert len(told.lines) == 1


def test_a_terminal_that_cannot_redraw_gets_whole_lines_without_a_control_character():
    written = io.StringIO()
    lines = _Lines(Console(file=written, force_terminal=True, width=30, _environ={"TERM": "dumb"}))

    lines.progress(
        0.0,
        Status(
            target="prod\x1b-eu",
            stage="wave 2 of 3 [bold]",
            done=2,
            total=21,
            failed=1,
            rate_per_s=2.0,
            limit="5/s",
            left_s=12.0,
        ),
    )

    assert written.getvalue() == "prod\\x1b-eu  2/21  2.0/s of 5/s  wave 2 of 3 [bold]  1 failed  about 0:15 left\n"
