"""Runs killed at random, one after the other: nothing is lost, and the last one finds everything in order."""

import os
from pathlib import Path

import pytest

from tests.chaos.loop import rounds

ROUNDS = 60


@pytest.mark.timeout(400)
def test_sixty_runs_killed_at_random_lose_nothing(tmp_path: Path):
    figures = rounds(ROUNDS, tmp_path / "life", seed=int.from_bytes(os.urandom(3)))

    assert figures.wrong == (), str(figures)
    assert figures.rounds == ROUNDS
    assert figures.operations > ROUNDS
