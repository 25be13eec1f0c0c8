"""A run that is cut off, or cannot write, at any point leaves nothing that the next one cannot explain and finish.

A share of the points; `make chaos` goes through them all.
"""

import itertools
import os
from pathlib import Path

import pytest

from tests.chaos.life import STRACE
from tests.chaos.points import ERRORS, FAILING, KILLED_AT, Point, strike

SHARE = {
    "fdatasync(journal.db-wal)": (1, 3, 5, 8),
    "fdatasync(journal.db)": (1,),
    "pwrite64(journal.db-wal)": (6,),
    "fsync": (1,),
    "sendto": (2, 4),
    "recvfrom": (2, 4),
    "rename": (1,),
    "pwritev2": (4,),
    "unlink": (1,),
}
KILLS = [
    Point(place=place, number=number, unlimited=number % 2 == 0) for place in KILLED_AT for number in SHARE[str(place)]
]
FAILURES = [
    Point(place=place, number=number, error=ERRORS[place.call][number % 2], for_ever=number > 2, unlimited=number == 5)
    for place, number in itertools.product(FAILING, (2, 5))
]

if STRACE is None and os.environ.get("REQUIRE_STRACE") != "1":
    pytestmark = pytest.mark.skip(reason="strace is not installed: apt-get install strace")


def test_strace_is_there_where_it_has_to_be():
    assert STRACE is not None


@pytest.mark.parametrize("point", [*KILLS, *FAILURES], ids=str)
def test_after_any_point_everything_is_explained_and_finished(point: Point, tmp_path: Path):
    result = strike(point, tmp_path / "life")

    assert result.wrong == (), str(result)
