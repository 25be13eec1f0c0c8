"""Blocking work beside the loop: its result comes back, and nobody has to wait for it."""

import asyncio
import subprocess
import sys
import threading

import pytest

from enforcer.dcs.aside import aside

NEVER_ENDING = """
import asyncio, threading
from enforcer.dcs.aside import aside

async def main():
    try:
        async with asyncio.timeout(0.05):
            await aside(threading.Event().wait)
    except TimeoutError:
        print("left")

asyncio.run(main())
"""


async def test_what_is_returned_and_what_is_raised_comes_back():
    assert await aside(lambda: 7) == 7
    with pytest.raises(ValueError, match="no"):
        await aside(_fails)


async def test_the_loop_goes_on_meanwhile():
    go = threading.Event()
    work = asyncio.create_task(aside(lambda: go.wait(5)))
    await asyncio.sleep(0)
    go.set()

    assert await work


async def test_a_result_that_nobody_waits_for_any_more_is_dropped():
    go, done = threading.Event(), threading.Event()

    def late():
        go.wait(5)
        done.set()

    work = asyncio.create_task(aside(late))
    await asyncio.sleep(0)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work
    go.set()
    assert await asyncio.to_thread(done.wait, 5)
    await asyncio.sleep(0)


def test_work_that_never_ends_does_not_keep_the_process():
    done = subprocess.run([sys.executable, "-c", NEVER_ENDING], capture_output=True, timeout=60, check=True)

    assert done.stdout == b"left\n"
    assert done.stderr == b""


def _fails():
    raise ValueError("no")
