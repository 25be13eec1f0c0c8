"""Every fault at every place, then seeded pairs: `make sweep`, or ``python -m tests.faults.sweep --help``.

Two processes, bounded in time. A failure names its faults, and for a pair the single one that is enough, if one is.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from tests.faults.catalogue import FAULTS, expected, scenario_of, singles
from tests.faults.checker import check
from tests.faults.course import run
from tests.faults.history import History
from tests.faults.store import Store

CHANGES = 6
PROCESSES = 2
ANY = frozenset({0, 3, 5, 69, 76, 77})
"""How a run with several faults may end: never by a bug, a broken journal or a signal."""

Strikes = tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Result:
    strikes: Strikes
    struck: int
    """How many of them had their turn."""
    code: int
    requests: int
    puts_sent_twice: int
    wrong: tuple[str, ...]

    def __str__(self) -> str:
        name = " + ".join(f"{fault}@{place}" for fault, place in self.strikes)
        return "\n".join([f"FAILED {name} (exit {self.code})", *(f"    {sentence}" for sentence in self.wrong)])


def strike(strikes: Strikes) -> Result:
    """Run with *strikes* and return what came of it."""
    with tempfile.TemporaryDirectory(prefix="enforcer-sweep-") as folder:
        history = run(
            Path(folder), scenario_of(strikes, changes=CHANGES), Store(CHANGES, max_page=4, hide_mode=1), settle="2s"
        )
    names = {f"{fault}@{place}" for fault, place in strikes}
    struck = {record.action for record in history.records} & names
    wrong = [*check(history), *_surprise(strikes, history)]
    if len(strikes) == 1 and not struck:
        wrong.append("the fault never had its turn")
    return Result(
        strikes=strikes,
        struck=len(struck),
        code=history.code,
        requests=len(history.records),
        puts_sent_twice=sum(sentence.startswith("C1") for sentence in wrong),
        wrong=tuple(wrong),
    )


def pairs(seed: int) -> Iterator[Strikes]:
    """Yield pairs of strikes without end, the same for a seed."""
    dice = random.Random(seed)
    quick = [one for one in singles() if not FAULTS[one[0]].slow]
    while True:
        yield tuple(dice.sample(quick, 2))


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="make sweep ARGS=...", description=__doc__)
    parser.add_argument("--for", dest="minutes", type=_minutes, default=10.0, metavar="5m", help="at most (10m)")
    parser.add_argument("--pairs", type=int, default=200, help="random pairs after the single faults (200)")
    parser.add_argument("--seed", type=int, default=None, help="of the pairs; by default a new one each time")
    parser.add_argument("--only", default="", help="only single faults whose fault@place has this in it, and no pairs")
    asked = parser.parse_args(argv)
    seed = int.from_bytes(os.urandom(3)) if asked.seed is None else asked.seed
    alone: list[Strikes] = [(one,) for one in singles() if asked.only in "@".join(one)]
    plan = alone if asked.only else [*alone, *islice(pairs(seed), asked.pairs)]
    print(
        f"seed {seed}: {len(alone)} single faults, {len(plan) - len(alone)} pairs, at most {asked.minutes:g} min",
        flush=True,
    )
    results = _all(plan, time.monotonic() + asked.minutes * 60)
    failed = [result for result in results if result.wrong]
    print(_summary(results, failed, len(plan)))
    if failed:
        print(f"Again: make sweep ARGS='--seed {seed} --pairs {asked.pairs} --for {asked.minutes:g}m'")
    return 1 if failed else 0


def _all(plan: Sequence[Strikes], until: float) -> list[Result]:
    """Run *plan* in its order on all processes, begin nothing after *until*, and print what fails."""
    results: list[Result] = []
    waiting = iter(plan)
    with ProcessPoolExecutor(PROCESSES) as pool:
        under_way: set[Future[Result]] = {pool.submit(strike, one) for one in islice(waiting, PROCESSES)}
        while under_way:
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            for future in done:
                results.append(future.result())
                if results[-1].wrong:
                    print(results[-1], *_enough(results[-1]), sep="\n", flush=True)
            if time.monotonic() < until:
                under_way |= {pool.submit(strike, one) for one in islice(waiting, len(done))}
    return results


def _enough(result: Result) -> Iterator[str]:
    """Say which strike of a failed pair fails by itself."""
    if len(result.strikes) > 1:
        for one in result.strikes:
            if strike((one,)).wrong:
                yield f"    {'@'.join(one)} alone is enough"


def _surprise(strikes: Strikes, history: History) -> Iterator[str]:
    allowed = expected(*strikes[0]) if len(strikes) == 1 else ANY
    if history.code not in allowed:
        told = [notice["message"] for notice in history.report["notices"]]
        yield f"the exit code is {history.code}, and {sorted(allowed)} was expected; the report says {told}"


def _summary(results: Sequence[Result], failed: Sequence[Result], planned: int) -> str:
    return (
        f"{len(results)} of {planned} runs, {sum(result.struck for result in results)} faults struck, "
        f"{sum(result.requests for result in results)} requests, "
        f"{sum(result.puts_sent_twice for result in results)} PUTs without an attempt of their own; "
        f"{len(failed)} runs failed"
    )


def _minutes(text: str) -> float:
    return float(text.removesuffix("m"))


if __name__ == "__main__":
    sys.exit(main())
