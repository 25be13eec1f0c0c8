"""Bytes of the store turned over or cut off: everything is there, or the journal is refused."""

import os
import shutil
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.chaos.damage import Damage, damaged, damages, known, verdict
from tests.chaos.life import Life, life
from tests.chaos.points import DATABASE, WAL

PLACES = 200


@pytest.fixture(scope="module")
def states(tmp_path_factory) -> dict[str, Path]:
    """A journal as it lies when all is well, and one as a run left it that was killed in the middle."""
    folder = tmp_path_factory.mktemp("damage")
    with life(folder / "life") as one:
        assert one.apply().code == 0
        closed = Path(shutil.copytree(one.command.state, folder / "closed"))
        for task_id, mode in list(one.server.store.wanted.items()):
            one.server.store.edit(task_id, resume_mode={"auto": "manual", "manual": "auto"}[mode])
        one.apply_and_kill(lambda _: _until(one, len(one.server.puts) + 3))
        left = Path(shutil.copytree(one.command.state, folder / "left"))
    return {"closed": closed, "left": left}


def _until(one: Life, puts: int) -> None:
    give_up = time.monotonic() + 30
    while len(one.server.puts) < puts and time.monotonic() < give_up:
        time.sleep(0.001)


def judged(state: Path, number: int, seed: int, folder: Path) -> dict[Damage, str]:
    before = known(Path(shutil.copytree(state, folder / "untouched")))
    return {damage: verdict(damaged(state, damage, folder / "copy"), before) for damage in damages(state, number, seed)}


def test_a_damaged_journal_is_whole_or_refused(states: dict[str, Path], tmp_path: Path):
    seed = int.from_bytes(os.urandom(3))
    found = judged(states["closed"], PLACES // 2, seed, tmp_path)

    assert {str(damage): said for damage, said in found.items() if said not in {"whole", "refused"}} == {}, seed
    assert Counter(found.values())["refused"] > 0


def test_a_damaged_log_of_a_dead_run_ends_earlier_and_this_is_told(states: dict[str, Path], tmp_path: Path):
    seed = int.from_bytes(os.urandom(3))
    found = judged(states["left"], PLACES // 2, seed, tmp_path)

    allowed = {WAL: {"whole", "refused", "told"}, DATABASE: {"whole", "refused"}}
    assert {str(damage): said for damage, said in found.items() if said not in allowed[damage.file]} == {}, seed
    assert "told" in found.values()
