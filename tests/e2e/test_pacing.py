"""The rate as the server sees it. That no window has more, and that the allowance is used, is proved in virtual time
(tests/property/test_pacing.py); this is that the command paces its requests at all, and says how fast it was.
"""

import pytest

from tests.e2e.policies import drifting, nightly
from tests.simulated import simulator

CONCURRENCY = 4


@pytest.mark.parametrize(("rate", "count", "tasks"), [("50/s", 50, 150), ("10/s", 10, 36)])
def test_no_window_has_more_requests_than_the_rate_allows(enforcer, rate, count, tasks):
    with simulator(tasks=tasks, drift=1.0) as cloud:
        total = len(drifting(cloud.tasks()))
        policy = enforcer.policy(nightly(concurrency=CONCURRENCY))
        outcome = enforcer("apply", policy, "--yes", "--rate", rate, env=cloud.env)

        assert outcome.code == 0, outcome
        target = enforcer.report()["targets"][0]
        assert sum(target["requests"][call] for call in ("list", "show", "put")) == len(cloud.requests())
        assert target["requests"]["put"] == total
        assert 0 < target["rate"]["effective_per_s"] <= count
        # A machine that is busy delivers late what has set out before the window, which is no more than is in flight.
        assert fullest([request["at"] for request in cloud.requests()]) <= count + CONCURRENCY


def fullest(stamps):
    """Return the most arrivals in any window of one second."""
    return max(sum(start <= stamp < start + 1 for stamp in stamps) for start in stamps)
