"""The rate as the server sees it: no window holds more requests than allowed, and the allowance is used."""

import itertools

import pytest

from tests.e2e.policies import drifting, nightly
from tests.simulated import simulator

TRIES = 3


@pytest.mark.parametrize(("rate", "count", "tasks"), [("50/s", 50, 150), ("10/s", 10, 36)])
def test_no_window_has_more_requests_than_the_rate_allows(enforcer, rate, count, tasks):
    # A busy machine can deliver one request late and the next in time. A pacing that bursts does so every time.
    assert any(fullest(arrivals(enforcer, rate, tasks)) <= count for _ in range(TRIES))


def test_the_requests_are_spread_evenly_and_the_rate_is_used(enforcer):
    puts = arrivals(enforcer, "50/s", 150, "PUT")
    reached = (len(puts) - 1) / (puts[-1] - puts[0])
    gaps = sorted(later - earlier for earlier, later in itertools.pairwise(puts))

    assert 0.9 * 50 < reached <= 50
    assert 0.8 / 50 < gaps[len(gaps) // 2] < 1.2 / 50
    assert enforcer.report()["targets"][0]["rate"]["effective_per_s"] == pytest.approx(reached, rel=0.05)


def arrivals(enforcer, rate, tasks, method=""):
    """Apply about twice as many changes as a window may hold; return when the requests of *method* came, in seconds.

    Without *method*, when all of them did.
    """
    with simulator(tasks=tasks, drift=1.0) as cloud:
        total = len(drifting(cloud.tasks()))
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", "--rate", rate, env=cloud.env)

        assert outcome.code == 0, outcome
        requests = enforcer.report()["targets"][0]["requests"]
        assert sum(requests[call] for call in ("list", "show", "put")) == len(cloud.requests())
        assert requests["put"] == total
        return [request["at"] for request in cloud.requests() if request["method"].startswith(method)]


def fullest(stamps):
    """Return the most arrivals in any window of one second."""
    return max(sum(start <= stamp < start + 1 for stamp in stamps) for start in stamps)
