"""
What the throttle itself costs: workers that do nothing but ask for permits, and a bare timer beside it.

Prints the share of one core that each took, in percent:  python -m tests.bench.loops.throttle RATE SECONDS WORKERS
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable, Coroutine
from typing import Any

from enforcer.core.text.quantity import parse_rate
from enforcer.run.stopping import Stop
from enforcer.run.throttle import PacedThrottle


async def permits(rate: int, seconds: float, workers: int) -> None:
    paced = PacedThrottle("bench", parse_rate(f"{rate}/s"), Stop(), emit=lambda _event: None, jitter=lambda: 0.5)
    left = iter(range(int(rate * seconds)))

    async def worker() -> None:
        for _ in left:
            started = await paced.permit()
            if started is not None:
                paced.heard(started, None)

    await asyncio.gather(*(worker() for _ in range(workers)))


async def timer(rate: int, seconds: float) -> None:
    """Wake up as often as a throttle has to: the floor of what pacing costs in asyncio."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    for number in range(int(rate * seconds)):
        await asyncio.sleep(began + number / rate - loop.time())


def share(work: Callable[[], Coroutine[Any, Any, None]]) -> float:
    """Return the CPU that *work* took for each second that it lasted, in percent."""
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(work())
    return 100 * (time.process_time() - cpu) / (time.perf_counter() - wall)


if __name__ == "__main__":
    rate, seconds, workers = int(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3])
    measured = {
        "throttle": share(lambda: permits(rate, seconds, workers)),
        "timer": share(lambda: timer(rate, seconds)),
    }
    sys.stdout.write(json.dumps(measured))
