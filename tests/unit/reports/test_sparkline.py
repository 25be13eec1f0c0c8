from hypothesis import given
from hypothesis import strategies as st

from enforcer.reports.sparkline import sparkline

COUNTS = st.lists(st.integers(0, 10**9), max_size=400)


def test_the_highest_is_full_the_lowest_is_nothing_and_one_of_many_is_seen():
    assert sparkline([0, 1, 500, 1000], 80) == "▁▂▅█"
    assert sparkline([0, 0], 80) == "▁▁"
    assert sparkline([], 80) == ""
    assert sparkline([0, 7, 1], 80, ascii_only=True) == "_@."


def test_of_too_many_values_the_highest_of_several_is_shown():
    assert sparkline([0, 9, 0, 0, 0, 0], 3) == "█▁▁"


@given(COUNTS, st.integers(1, 200))
def test_it_never_is_wider_than_allowed_and_shows_the_highest(values, width):
    line = sparkline(values, width)

    assert len(line) == min(len(values), width)
    assert ("█" in line) == any(values)
