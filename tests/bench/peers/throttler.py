"""Workers that share an asyncio-throttle, as its documentation has it.

python -m tests.bench.peers.throttler ENDPOINT N WORKERS RATE
"""

import asyncio
import sys

from asyncio_throttle.throttler import Throttler

from tests.bench.peers.bare import send

if __name__ == "__main__":
    endpoint, number, workers, rate = sys.argv[1:]
    asyncio.run(send(endpoint, int(number), int(workers), None, gate=Throttler(int(rate))))
