"""Runs that are killed at random, one after the other over one state directory, while a person undoes their work."""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from enforcer.core.history.recovery import earlier_run
from tests.chaos.laws import check_at_rest, remains
from tests.chaos.life import RATE, Life, life

CHANGES = 10
REST_EVERY = 20
"""Rounds after which one run is left to end, and everything is looked at."""
_OTHER = {"auto": "manual", "manual": "auto"}


@dataclass(kw_only=True)
class Figures:
    seed: int
    rounds: int = 0
    killed: int = 0
    """Rounds in which the process had not ended by itself."""
    operations: int = 0
    """Recorded attempts."""
    ambiguous: int = 0
    """Changes that were open when their run was killed."""
    wrong: tuple[str, ...] = ()

    def __str__(self) -> str:
        return (
            f"{self.rounds} rounds (seed {self.seed}), {self.killed} killed, {self.operations} operations, "
            f"{self.ambiguous} ambiguous, {len(self.wrong)} violations"
        )


def rounds(number: int, folder: Path, seed: int, *, until: float = float("inf")) -> Figures:
    """Run *number* rounds, fewer if the clock passes *until*, and return what came of them."""
    dice, figures = random.Random(seed), Figures(seed=seed)
    with life(folder, changes=CHANGES) as one:
        for _ in range(number):
            if time.monotonic() > until or figures.wrong:
                break
            _drift(one, dice)
            outcome = replace(one, rate=dice.choice([RATE, None])).apply_and_kill(_moment(one, dice))
            figures.rounds += 1
            figures.killed += outcome.code == -9
            if figures.rounds % REST_EVERY == 0 or figures.rounds == number:
                _rest(one, figures)
    return figures


def _drift(one: Life, dice: random.Random) -> None:
    """Set some tasks to what the policy does not want, as a person would."""
    wanted = one.server.store.wanted
    for task_id in dice.sample(list(wanted), dice.randint(1, CHANGES)):
        one.edit(task_id, _OTHER[wanted[task_id]])


def _moment(one: Life, dice: random.Random) -> Callable[[Any], None]:
    """Return a wait for a moment: some time after the start, or some requests and then next to no time."""
    seconds = dice.uniform(0, 0.8)
    if dice.random() < 0.2:
        return lambda process: _sleep(process, seconds)
    wanted = len(one.server.ledger.records) + dice.randint(1, 2 * CHANGES + 4)
    pause = dice.choice([0, 0, dice.uniform(0, 0.02)])

    def wait(process: Any) -> None:
        give_up = time.monotonic() + 30
        while len(one.server.ledger.records) < wanted and process.poll() is None and time.monotonic() < give_up:
            time.sleep(0.001)
        time.sleep(pause)

    return wait


def _sleep(process: Any, seconds: float) -> None:
    give_up = time.monotonic() + seconds
    while process.poll() is None and time.monotonic() < give_up:
        time.sleep(0.005)


def _rest(one: Life, figures: Figures) -> None:
    # What was open when each run died is in its record up to the mark that a later run has set.
    outcome = one.finish()
    left = remains(one)
    figures.wrong = tuple(check_at_rest(left))
    if outcome.code != 0:
        figures.wrong += (f"the run that was left alone ended with {outcome.code}: {outcome.err[-300:]}",)
    figures.operations = len(left.intents())
    figures.ambiguous = sum(_ambiguous(entries) for entries in left.runs.values())


def _ambiguous(entries: tuple) -> int:
    own = [number for number, entry in enumerate(entries) if entry.event.kind == "run.interrupted"]
    return len(earlier_run(entries[: own[0]]).open_changes) if own else 0
