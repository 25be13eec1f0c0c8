"""
`make storm`: how many full syncs run at once when 200 tasks are switched to auto, of which 60% then synchronise fully.

Several ways over the same simulated fleets: the official SDK, this tool without waves, and with some. A figure is the
most tasks that were in FULLMIGRATING at one moment. It judges nothing; what a gate must do is tested in
tests/unit/run/test_rollout.py.
"""

import contextlib
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.figures import Figure, ours
from tests.bench.tables import table
from tests.command import Command
from tests.simulated import Simulated, simulator

TASKS = 200
SHARE = 0.6
SEEDS = range(1, 11)
LOOK_S = 0.05
POLICY = """\
version: 1
name: storm
eligible: {}
default: auto
limits:
  rate: 100/s
  to_auto:
    {max: unlimited, percent: unlimited, per_day: unlimited, per_source_instance: unlimited,
     per_target_instance: unlimited}
rollout: ROLLOUT
"""
# The bakes are short, since the simulator's tasks begin to synchronise at once.
ROLLOUTS = {
    "enforcer, no waves and no gate": "{waves: [100%], bake: 0s, gate: {max_full_sync: unlimited}}",
    "enforcer, a canary and then all": "{waves: [1, 100%], bake: 2s, poll: 1s}",
    "enforcer, built-in waves": "{bake: 2s, poll: 1s}",
    "enforcer, built-in waves, set back": "{bake: 2s, poll: 1s, on_fail: revert_wave}",
}


def main() -> None:
    ways: dict[str, Callable[[Simulated], object]] = {"SDK, one after the other": _sdk}
    with tempfile.TemporaryDirectory() as folder:
        ways |= {name: _apply(Command(Path(folder)), name, rollout) for name, rollout in ROLLOUTS.items()}
        figures = [figure for name, way in ways.items() for figure in _figures(name, way)]
    sys.stdout.write(f"{table(figures)}\n")


def _figures(name: str, way: Callable[[Simulated], object]) -> Iterator[Figure]:
    sys.stdout.write(f"{name} ...\n")
    sys.stdout.flush()
    peaks, switched = zip(*(_storm(seed, way) for seed in SEEDS), strict=True)
    yield Figure(case="storm", what="full syncs at once", unit="tasks", ours=ours(peaks, name=name))
    yield Figure(case="storm", what="auto at the end", unit="tasks", ours=ours(switched, name=name))


def _storm(seed: int, way: Callable[[Simulated], object]) -> tuple[float, float]:
    """Return the most full syncs at one moment, and how many tasks are auto in the end."""
    with simulator(tasks=TASKS, seed=seed, full_sync_share=SHARE, full_sync_for=600.0) as cloud:
        for task in cloud.tasks():
            cloud.edit(task["task_id"], resume_mode="manual", status="INCRMIGEATING")
        with _watching(cloud) as peak:
            way(cloud)
        return float(max(peak)), float(sum(task["resume_mode"] == "auto" for task in cloud.tasks()))


@contextlib.contextmanager
def _watching(cloud: Simulated) -> Iterator[list[int]]:
    """Yield a list that grows by the number of full syncs, look by look; the last look is after the block."""
    seen: list[int] = []
    over = threading.Event()

    def look() -> None:
        while not over.wait(LOOK_S):
            seen.append(_syncing(cloud))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen.append(_syncing(cloud))


def _syncing(cloud: Simulated) -> int:
    return sum(task["status"] == "FULLMIGRATING" for task in cloud.tasks())


def _sdk(cloud: Simulated) -> None:
    ids = "\n".join(task["task_id"] for task in cloud.tasks())
    command = [sys.executable, "-m", "tests.bench.peers.sdk_storm", cloud.endpoint]
    with tempfile.TemporaryDirectory() as home:
        subprocess.run(command, input=ids, text=True, env=cloud.env | {"HOME": home}, check=True, capture_output=True)


def _apply(enforcer: Command, name: str, rollout: str) -> Callable[[Simulated], object]:
    policy = enforcer.policy(POLICY.replace("ROLLOUT", rollout), f"{name}.yaml")

    def apply(cloud: Simulated) -> None:
        outcome = enforcer("apply", policy, "--yes", env=cloud.env)
        # 3 and 5: a gate failed.
        if outcome.code not in {0, 3, 5}:
            raise RuntimeError(f"{name}: {outcome}")

    return apply


if __name__ == "__main__":
    main()
