from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcer.core.fold.timeline import MOST, Moments, timeline
from enforcer.model.report.target import Latency

NOTHING = Latency(p50=None, p95=None, p99=None)
times = st.lists(st.floats(0, 1e7), max_size=30)


def test_a_run_without_a_put_has_none():
    assert timeline(Moments(throttled=[1.0], paused=[(1.0, 2.0)]), 0.0) is None


def test_each_moment_falls_into_its_second():
    moments = Moments(
        started=[10.0, 10.2, 10.9, 12.1], throttled=[12.2], answered_at=[10.5, 12.2], durations_ms=[40.0, 90.0]
    )

    found = timeline(moments, 7.5)

    assert (found.begins_s, found.bin_s) == (2.5, 1)
    assert [each.puts for each in found.bins] == [3, 0, 1]
    assert [each.throttled for each in found.bins] == [0, 0, 1]
    assert [each.latency_ms.p50 for each in found.bins] == [40.0, None, 90.0]
    assert found.bins[1].latency_ms == NOTHING


def test_pauses_that_overlap_count_once_and_end_with_the_timeline():
    moments = Moments(started=[0.0, 5.0], paused=[(1.5, 1.0), (2.0, 1.5), (2.1, 0.1), (5.0, 60.0)])

    paused = [each.paused_s for each in timeline(moments, 0.0).bins]

    assert paused == [0.0, 0.5, 1.0, 0.5, 0.0, 1.0]


@pytest.mark.parametrize(("length_s", "width"), [(0.5, 1), (119.9, 1), (120.0, 2), (3600.0, 32), (86_400.0, 1024)])
def test_a_longer_run_has_wider_bins(length_s, width):
    found = timeline(Moments(started=[0.0, length_s]), 0.0)

    assert found.bin_s == width
    assert len(found.bins) <= MOST


@given(times.filter(bool), times, times, st.lists(st.tuples(st.floats(0, 1e7), st.floats(0, 1e4)), max_size=10))
def test_nothing_is_lost_and_the_bins_are_few(started, throttled, answered, paused):
    durations_ms = [1.0] * len(answered)
    moments = Moments(
        started=started, throttled=throttled, answered_at=answered, durations_ms=durations_ms, paused=paused
    )

    found = timeline(moments, 0.0)

    assert len(found.bins) <= MOST
    puts = [each.puts for each in found.bins]
    slowed = [each.throttled for each in found.bins]
    assert sum(puts) == len(started)
    assert sum(slowed) == len(throttled)
    assert all(0 <= each.paused_s <= found.bin_s for each in found.bins)


@given(times.filter(bool))
def test_a_moment_is_in_the_bin_of_its_time(started):
    found = timeline(Moments(started=started), 0.0)
    edges = [min(started) + number * found.bin_s for number in range(len(found.bins) + 1)]

    for each, (since, until) in zip(found.bins, pairwise(edges), strict=True):
        # The edges are sums of floats; what lies on one may fall to either side.
        inside = [at for at in started if since + 1e-6 < at < until - 1e-6]
        touching = [at for at in started if since - 1e-6 <= at <= until + 1e-6]
        assert len(inside) <= each.puts <= len(touching)
