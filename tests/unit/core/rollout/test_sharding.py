"""What is a shard, what is none, and what a run is told that cannot be divided."""

import pytest

from enforcer.core.admission import guards
from enforcer.core.admission.guards import Terms
from enforcer.core.rollout import sharding
from enforcer.core.text.quantity import parse_rate
from enforcer.model.limits import Limits, Rate
from enforcer.model.policy import Policy, Target
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


def paced(limit, *own, number=0, of=3):
    targets = tuple(Target(name=f"t{n}", rate=rate and parse_rate(rate)) for n, rate in enumerate(own))
    limits = Limits(rate=parse_rate(limit))
    policy = Policy(name="p", files=("p.yaml",), sha256="0", limits=limits, targets=targets)
    return sharding.paced(policy, Shard(number=number, of=of))


def test_the_starts_of_a_rate_are_dealt_out_and_its_window_stays():
    shares = [paced("5/m", number=number).limits.rate for number in range(3)]

    assert shares[0] == Rate(count=2, period=60, text="5/m by 3 shards")
    assert [(share.count, share.period) for share in shares] == [(2, 60), (2, 60), (1, 60)]
    assert paced("5/m", of=1).limits.rate == Rate(count=5, period=60, text="5/m")


def test_more_shards_than_starts_are_refused_where_the_rate_counts():
    with pytest.raises(ValueError, match=r"limits\.rate 2/s cannot be divided by 3; .* 60/m for 1/s"):
        paced("2/s", "9/s", None)
    with pytest.raises(ValueError, match=r"the rate of t1, 2/s cannot be divided by 3"):
        paced("9/s", "9/s", "2/s")

    assert paced("2/s", "9/s", "9/s").targets[0].rate == Rate(count=3, period=1, text="9/s by 3 shards")


def test_a_shard_that_does_not_see_the_whole_sends_nothing():
    proposal = a_proposal(a_policy(default=PolicyMode.AUTO), a_task("t1"), target="eu")

    verdict = guards.judge([proposal], Terms(limits=Limits()), NOW, unseen={"ap"})

    assert verdict.refusals == (
        "shard: ap could not be listed, and other shards may change tasks there, so that the whole plan is not known",
    )
