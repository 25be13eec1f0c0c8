"""Runs killed at random, one after the other: nothing is lost, and the last one finds everything in order.

A few of them, with the same dice each time; `make chaos` makes a thousand, and throws others each time.
"""

from pathlib import Path

import pytest

from tests.chaos.loop import rounds

ROUNDS = 24


@pytest.mark.long
@pytest.mark.timeout(400)
def test_runs_killed_at_random_lose_nothing(tmp_path: Path):
    figures = rounds(ROUNDS, tmp_path / "life", seed=24)

    assert figures.wrong == (), str(figures)
    assert figures.rounds == ROUNDS
    assert figures.operations > ROUNDS
