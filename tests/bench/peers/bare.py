"""The floor: aiohttp with nothing around it but the signature.

    python -m tests.bench.peers.bare ENDPOINT N WORKERS [CA]

No plan, no retry, no record. Prints as JSON what the sending took: {"wall_s": ..., "cpu_s": ...}.
"""

import asyncio
import contextlib
import json
import ssl
import sys
import time

import aiohttp
from yarl import URL

from enforcer.dcs.access.signing import Signer, payload_hash, stamp
from tests.bench import fleet

_BODY = b'{"resume_mode":"manual"}'


async def send(
    endpoint: str,
    number: int,
    workers: int,
    ca_file: str | None,
    gate: contextlib.AbstractAsyncContextManager[object] | None = None,
) -> None:
    """Send *number* PUTs; each passes *gate*, which can be entered by many, before it begins."""
    base = URL(endpoint)
    headers = {"Content-Type": "application/json", "Host": f"{base.host}:{base.port}"}
    sign = Signer(headers, access="BENCHACCESSKEY", secret="bench-secret-key")
    left = iter(range(number))
    tls = ssl.create_default_context(cafile=ca_file) if ca_file else True
    connector = aiohttp.TCPConnector(limit=workers, ssl=tls)
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=10, sock_read=30)

    async def worker(session: aiohttp.ClientSession) -> None:
        for task in left:
            async with gate or contextlib.nullcontext():
                pass
            path = f"/v2/{fleet.PROJECT_ID}/migration-task/{fleet.task_id(task)}"
            date = stamp(int(time.time()))
            authorization = sign(method="PUT", path=path, query="", payload_hash=payload_hash(_BODY), date=date)
            signed = {**headers, "X-Sdk-Date": date, "Authorization": authorization}
            async with session.put(base.with_path(path, encoded=True), data=_BODY, headers=signed) as answer:
                await answer.read()

    async with aiohttp.ClientSession(connector=connector, timeout=timeout) as session:
        await asyncio.gather(*(worker(session) for _ in range(workers)))


if __name__ == "__main__":
    endpoint, number, workers, *ca_file = sys.argv[1:]
    wall, cpu = time.perf_counter(), time.process_time()
    asyncio.run(send(endpoint, int(number), int(workers), ca_file[0] if ca_file else None))
    sys.stdout.write(json.dumps({"wall_s": time.perf_counter() - wall, "cpu_s": time.process_time() - cpu}))
