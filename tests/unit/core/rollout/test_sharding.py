"""What is a shard, what is none, and what a run is told that cannot be divided."""

import pytest

from enforcer.core.admission import guards
from enforcer.core.admission.guards import Terms
from enforcer.core.rollout import sharding
from enforcer.model.limits import Limits, Rate
from enforcer.model.policy import Policy
from enforcer.model.rule import PolicyMode
from enforcer.model.shard import Shard
from tests.wishes import NOW, a_policy, a_proposal, a_task


def test_a_shard_is_read_as_it_is_written():
    assert sharding.parse_shard("2/3") == Shard(number=2, of=3)
    assert str(Shard(number=2, of=3)) == "2/3"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1", "expected I/N, like 0/3"),
        ("-1/3", "expected I/N, like 0/3"),
        ("a/b", "expected I/N, like 0/3"),
        ("\u0660/\u0663", "expected I/N, like 0/3"),
        ("1/3 ", "expected I/N, like 0/3"),
        ("0/0", "N from 1 to 256"),
        ("0/257", "N from 1 to 256"),
        ("3/3", "expected I from 0 to 2"),
    ],
)
def test_what_is_no_shard_is_told_what_was_expected(text, expected):
    with pytest.raises(ValueError, match=expected):
        sharding.parse_shard(text)


def test_more_shards_than_targets_are_refused():
    with pytest.raises(ValueError, match=r"2 targets cannot be divided by 3.*no more shards than targets"):
        sharding.others(["eu", "ap", "eu"], Shard(number=0, of=3))
    with pytest.raises(ValueError, match="1 target cannot be divided by 2,"):
        sharding.others(["eu"], Shard(number=0, of=2))


def test_more_shards_than_requests_in_flight_are_refused():
    policy = Policy(name="p", files=("p.yaml",), sha256="0", limits=Limits(concurrency=2))

    with pytest.raises(ValueError, match=r"limits\.concurrency 2 cannot be divided by 3"):
        sharding.paced(policy, Shard(number=0, of=3))


def test_a_rate_that_divides_keeps_its_window_and_another_gets_a_longer_one():
    def share(count, of):
        rate = Rate(count=count, period=60, text=f"{count}/m")
        policy = Policy(name="p", files=("p.yaml",), sha256="0", limits=Limits(rate=rate))
        return sharding.paced(policy, Shard(number=0, of=of)).limits.rate

    assert share(60, 3) == Rate(count=20, period=60, text="60/m by 3 shards")
    assert share(5, 3) == Rate(count=5, period=180, text="5/m by 3 shards")
    assert share(5, 1) == Rate(count=5, period=60, text="5/m")


def test_a_shard_that_does_not_see_the_whole_sends_nothing():
    proposal = a_proposal(a_policy(default=PolicyMode.AUTO), a_task("t1"), target="eu")

    verdict = guards.judge([proposal], Terms(limits=Limits()), NOW, unseen={"ap"})

    assert verdict.refusals == (
        "shard: ap could not be listed, and other shards may change tasks there, so that the whole plan is not known",
    )
