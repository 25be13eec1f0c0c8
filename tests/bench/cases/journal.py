"""What it costs a change that its intent is on disk before it is sent: the journal alone, and workers that wait."""

from collections.abc import Iterator
from functools import partial

from tests.bench.figures import Figure, ours, peer
from tests.bench.yard import Yard

WORKERS = (8, 64)
CHANGES = 5_000


def measure(yard: Yard) -> Iterator[Figure]:
    for workers in WORKERS:
        (runs,) = yard.in_turn(partial(yard.module, "loops.journal", workers, CHANGES, yard.folder))
        said = [run.said for run in runs]
        for what, key in (("time", "wall_us"), ("processor time", "cpu_us")):
            yield Figure(
                case="journal",
                what=f"{what} a change, {workers} workers",
                unit="µs",
                ours=ours(each[key] for each in said),
                beside=(peer("an fsync a change", (each[f"fsync_{key}"] for each in said)),),
            )
