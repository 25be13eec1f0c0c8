import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from enforcer.model.report.target import RateReport
from enforcer.reports.page.plots import LEFT, RIGHT, WIDTH, plot
from tests.sample_reports import SAMPLES, a_target, a_timeline


def drawn(starts, *, limit=5.0, **timeline):
    rate = RateReport(asked_per_s=limit, effective_per_s=None)
    return plot(replace(a_target(), rate=rate, timeline=a_timeline(starts, **timeline)))


def test_without_a_put_there_is_no_plot():
    assert plot(a_target()) is None


def test_a_bar_is_as_high_as_its_starts_and_the_line_as_the_limit():
    found = drawn([0.0, 0.2, 0.4, 0.6, 0.8, 1.0])

    assert [column.height for column in found.columns] == [
        pytest.approx(found.starts.height * part / found.starts.ceiling, abs=0.01) for part in (5, 1)
    ]
    assert found.limit == found.columns[0].y
    assert found.starts.ceiling == 6


def test_without_a_limit_there_is_no_line():
    assert drawn([0.0], limit=None).limit is None
    assert "limit" not in drawn([0.0], limit=None).says


def test_a_pause_and_a_slow_down_stand_where_they_fell():
    found = drawn([0.0, 4.0], throttled_s=[1.2], paused_s=[(1.5, 2.0)])

    assert [column.throttled for column in found.columns] == [0, 1, 0, 0, 0]
    assert [column.paused > 0 for column in found.columns] == [False, True, True, True, False]
    assert '1 answer said "slow down".' in found.says


def test_the_line_of_latency_breaks_where_nothing_was_answered():
    found = drawn([0.0, 1.0, 5.0, 6.0])

    assert re.findall("[ML]", found.p50) == ["M", "L", "M", "L"]


def test_an_answer_that_stands_alone_is_seen():
    assert drawn([0.0]).p50.endswith("h6")


def test_the_sentence_says_what_the_sampled_run_did():
    said = plot(SAMPLES["throttled"].targets[0]).says

    assert said == (
        '52 PUTs started in 49 s, at most 5 a second, against a limit of 5 a second. 2 answers said "slow down".'
    )


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40), st.none() | st.floats(0.01, 1e4))
def test_everything_drawn_stays_inside(starts, limit):
    found = drawn(starts, limit=limit)

    assert all(LEFT <= c.x and c.x + c.width <= WIDTH - RIGHT + 0.01 for c in found.columns)
    assert all(found.starts.top <= c.y <= found.starts.bottom for c in found.columns)
    assert 1 <= len(found.ticks) <= 9
    assert all(LEFT <= tick.at <= WIDTH - RIGHT for tick in found.ticks)
    assert len({tick.label for tick in found.ticks}) == len(found.ticks)
