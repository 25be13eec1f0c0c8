"""The figures of docs/faults.md, measured through the installed command: ``python -m tests.faults.figures``."""

import argparse
import signal
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.faults import actions as do
from tests.faults.proved import peak_memory, proved, until
from tests.faults.rules import Rule
from tests.faults.store import Store

MIB = 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class Figure:
    what: str
    value: str


def quota(folder: Path) -> Figure:
    pace = 60
    history = proved(
        folder,
        Rule(times=None, do=do.throttle(do.Window(60, 60 / pace), "limit:60,time:1 minute")),
        store=Store(300),
        rate=(5, "s"),
        pace=pace,
    )
    slow_down = sum(record.status == 429 for record in history.records)
    share = slow_down / len(history.records)
    return Figure(
        what="300 changes at 5/s against a quota of 60 a minute, sixty times as fast",
        value=f"{len(history.in_state('failed'))} failed; "
        f"{slow_down} of {len(history.records)} answers were 429 ({share:.1%})",
    )


def dead_key(folder: Path) -> Figure:
    history = proved(
        folder, store=Store(40, hide_mode=40), concurrency=32, code=77, env={"HUAWEICLOUD_SDK_SK": "MarkerOfAWrongKey"}
    )
    refused = sum(record.status == 401 for record in history.records)
    return Figure(what="requests that failed authentication, with a dead key and 32 workers", value=str(refused))


def bomb(folder: Path) -> Figure:
    usual: list[int] = []
    most: list[int] = []
    folder.mkdir()
    proved(folder / "plain", only_started=peak_memory(usual))
    proved(folder / "bomb", Rule(kind="put", do=do.gzip_bomb()), only_started=peak_memory(most))
    grown = max(0, most[0] - usual[0]) / MIB
    return Figure(what="memory that an answer of 400 MiB, packed to 400 kB, takes", value=f"{grown:.1f} MiB")


def hung_resolver(folder: Path) -> Figure:
    took: list[float] = []

    def asked_to_stop(process: Any, _server: object) -> None:
        log = folder / "log.jsonl"
        until(lambda: log.exists() and b"run.started" in log.read_bytes())
        time.sleep(0.5)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        process.wait()
        took.append(time.monotonic() - began)

    env = {"ENFORCER_ENDPOINT": "https://dcs.nowhere.test", "RESOLVER": "hangs"}
    proved(folder, code=143, pace=1, env=env, only_started=asked_to_stop)
    return Figure(what="from SIGTERM to the exit, during a look-up that hangs for 30 s", value=f"{took[0]:.2f} s")


def many_tasks(folder: Path) -> Figure:
    store = Store(2)
    pattern = store.rows[store.ids[-1]]
    more = {f"{number:032x}": {**pattern, "task_id": f"{number:032x}"} for number in range(199_996)}
    store.rows |= more
    store.ever |= set(more)
    most: list[int] = []
    history = proved(folder, store=store, pace=1, rate=(1000, "s"), only_started=peak_memory(most))
    listed = history.report["totals"]["listed"]
    return Figure(what=f"memory at its most with {listed:,} tasks listed", value=f"{most[0] / MIB:.0f} MiB")


FIGURES: dict[str, Callable[[Path], Figure]] = {
    "quota": quota,
    "dead-key": dead_key,
    "bomb": bomb,
    "hung-resolver": hung_resolver,
    "many-tasks": many_tasks,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults.figures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="FIGURE", help=f"of {', '.join(FIGURES)}; all by default")
    for name in parser.parse_args().names or FIGURES:
        with tempfile.TemporaryDirectory(prefix="enforcer-figures-") as folder:
            figure = FIGURES[name](Path(folder) / "run")
        sys.stdout.write(f"{name}: {figure.what}: {figure.value}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
