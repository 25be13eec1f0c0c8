"""The trend as shapes: what stands where, and what is said of it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcer.model.report.run import TrendPoint
from enforcer.reports.page.plots import LEFT, RIGHT, WIDTH
from enforcer.reports.page.trend import trend
from tests.sample_reports import a_trend

COUNTS = st.integers(0, 200_000)


@pytest.mark.parametrize("nights", [0, 1])
def test_fewer_than_two_runs_are_no_trend(nights):
    assert trend(a_trend(nights, drift=9)[:nights]) is None


def test_each_bar_is_as_high_as_its_number():
    found = trend(a_trend(3, drift=9, failed=4))

    for row, values in zip(found.rows, ((7, 1, 9), (7, 0, 5), (0, 1, 4)), strict=True):
        assert [bar.height for bar in row.bars] == [
            pytest.approx(row.panel.height * value / row.panel.ceiling, abs=0.01) for value in values
        ]


def test_it_is_said_in_a_sentence_and_each_run_says_its_numbers():
    found = trend(a_trend(3, drift=9, failed=4))

    assert found.says == (
        "3 applies from 2026-11-21 to 2026-11-23: tasks that were not as desired, 1 to 9 a run, 9 in this one; "
        "12 changes made and 5 failed in all of them."
    )
    assert found.columns[-1].says == "2026-11-23 02:15, partial: 9 not as desired, 5 changed, 4 failed"


@given(st.lists(st.tuples(COUNTS, COUNTS, COUNTS), min_size=2, max_size=60))
def test_everything_drawn_stays_inside_and_below_each_other(counts):
    points = [
        TrendPoint(run_id="r", started_at=f"2026-11-{number % 28 + 1:02}", exit_name="ok", drift=a, changed=b, failed=c)
        for number, (a, b, c) in enumerate(counts)
    ]
    found = trend(points)

    for row in found.rows:
        assert all(LEFT <= bar.x and bar.x + bar.width <= WIDTH - RIGHT + 0.01 for bar in row.bars)
        assert all(row.panel.top <= bar.y <= row.panel.bottom for bar in row.bars)
    tops = [row.panel.top for row in found.rows]
    assert all(above.panel.bottom < below for above, below in zip(found.rows, tops[1:], strict=False))
    assert all(0 <= tick.at <= WIDTH - 30 for tick in found.ticks)
