"""Workers that do nothing but record: the intent, durably, and then what came of it.

python -m tests.bench.loops.journal WORKERS CHANGES FOLDER

Prints what a change took as JSON, in microseconds, beside lines that are each written and synchronised by themselves.
"""

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from enforcer.journal import lines
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import ChangeAttempted, Entry
from enforcer.run.recording import Recorder
from tests import builders
from tests.bench import fleet

SYNCED = 500


async def record(recorder: Recorder, workers: int, changes: int) -> None:
    recorder.emit(builders.a_run_started())
    await recorder.durable()
    left = iter(range(changes))

    async def worker() -> None:
        for number in left:
            task_id = fleet.task_id(number)
            recorder.emit(_intent(task_id))
            await recorder.durable()
            recorder.emit(builders.a_change_acked(task_id))

    await asyncio.gather(*(worker() for _ in range(workers)))
    await recorder.durable()


def synced(path: Path) -> None:
    """Write SYNCED intents as lines, each on disk before the next."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    for number in range(SYNCED):
        entry = Entry(seq=number + 1, at=time.time(), event=_intent(fleet.task_id(number)))
        os.write(descriptor, f"{lines.line(builders.RUN_ID, entry)}\n".encode())
        os.fsync(descriptor)
    os.close(descriptor)


def _intent(task_id: str) -> ChangeAttempted:
    return ChangeAttempted(target=builders.TARGET, task_id=task_id, attempt=1)


def timed(work: Callable[[], object], changes: int) -> tuple[float, float]:
    wall, cpu = time.perf_counter(), time.process_time()
    work()
    return (1e6 * (time.perf_counter() - wall) / changes, 1e6 * (time.process_time() - cpu) / changes)


if __name__ == "__main__":
    workers, changes = int(sys.argv[1]), int(sys.argv[2])
    with tempfile.TemporaryDirectory(dir=sys.argv[3]) as folder:
        with JournalWriter(SqliteStore(Path(folder) / "state"), sys.stderr.write) as journal:
            recorder = Recorder(journal, (), time.time)
            wall_us, cpu_us = timed(lambda: asyncio.run(record(recorder, workers, changes)), changes)
        fsync_wall_us, fsync_cpu_us = timed(lambda: synced(Path(folder) / "lines"), SYNCED)
    measured = {
        "wall_us": wall_us,
        "cpu_us": cpu_us,
        "fsync_wall_us": fsync_wall_us,
        "fsync_cpu_us": fsync_cpu_us,
    }
    sys.stdout.write(json.dumps(measured))
