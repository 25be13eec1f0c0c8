"""Where an earlier run worked is where a run that goes back to it works."""

import pytest
from msgspec.structs import replace

from enforcer.cli.runs.remembered import places
from enforcer.cli.targets import Connection
from enforcer.errors import UsageError
from enforcer.model.limits import Limits, Rate
from enforcer.model.policy import Policy, Target
from tests import builders as b

REF = b.a_target_ref("eu", iam_endpoint="https://iam.eu")
OTHER = b.a_target_ref("ap", project_id="f" * 32)
STARTED = b.a_run_started(targets=(REF, OTHER))
SLOW = Rate(count=1, period=1, text="1/s")
POLICY = Policy(name="p", files=("p.yaml",), sha256="0", limits=Limits(rate=SLOW, concurrency=3))


def test_the_places_are_those_of_the_run_with_the_limits_of_today():
    first, second = places(STARTED, POLICY, Connection())

    assert (first.name, first.endpoint, first.iam_endpoint) == ("eu", REF.endpoint, "https://iam.eu")
    assert (first.region, first.project_id) == (REF.region, REF.project_id)
    assert (first.rate, first.concurrency) == (SLOW, 3)
    assert second.name == "ap"


def test_a_rate_of_the_target_s_own_counts_for_it():
    fast = Rate(count=9, period=1, text="9/s")

    first, second = places(STARTED, replace(POLICY, targets=(Target(name="eu", rate=fast),)), Connection())

    assert (first.rate, second.rate) == (fast, SLOW)


def test_one_target_can_be_named_and_others_are_refused():
    assert [place.name for place in places(STARTED, POLICY, Connection(target=("ap",)))] == ["ap"]
    with pytest.raises(UsageError, match="us"):
        places(STARTED, POLICY, Connection(target=("us",)))


@pytest.mark.parametrize(
    "connection",
    [
        Connection(target=("eu",), endpoint="https://dcs.elsewhere"),
        Connection(target=("eu",), iam_endpoint="https://iam.elsewhere"),
        Connection(target=("eu",), project_id="e" * 32),
        Connection(target=("eu",), region="elsewhere-1"),
    ],
)
def test_an_option_that_contradicts_the_run_is_refused(connection):
    with pytest.raises(UsageError, match="worked on eu"):
        places(STARTED, POLICY, connection)


def test_an_option_that_agrees_is_accepted_however_it_is_spelled():
    agreed = Connection(target=("eu",), endpoint=f"{REF.endpoint.upper()}:443/", project_id=REF.project_id)

    assert [place.name for place in places(STARTED, POLICY, agreed)] == ["eu"]


def test_a_target_that_was_not_reached_is_no_place():
    started = b.a_run_started(targets=(REF, replace(OTHER, project_id="")))

    assert [place.name for place in places(started, POLICY, Connection())] == ["eu"]
    with pytest.raises(UsageError, match="reached no target"):
        places(b.a_run_started(targets=(replace(OTHER, project_id=""),)), POLICY, Connection())
