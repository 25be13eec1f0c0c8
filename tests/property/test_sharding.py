"""Whatever the tasks, the budgets and the number of shards: together they do what one run would, each change once."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from enforcer.core.admission import guards
from enforcer.core.admission.guards import Terms
from enforcer.core.rollout import sharding
from enforcer.core.text.quantity import parse_rate
from enforcer.model.limits import Budget, Limits
from enforcer.model.plan import Latitude
from enforcer.model.policy import Policy, Target
from enforcer.model.rule import PolicyMode
from enforcer.model.shard import Shard
from enforcer.model.task import ResumeMode
from tests.wishes import NOW, a_policy, a_proposal, a_task

AUTO = a_policy(default=PolicyMode.AUTO)
tasks = st.builds(
    lambda number, mode: a_task(f"t{number}", resume_mode=mode), st.integers(0, 99), st.sampled_from(ResumeMode)
)
fleets = st.lists(st.lists(tasks, max_size=6, unique_by=lambda task: task.task_id), min_size=1, max_size=5)
rates = st.builds("{}/{}".format, st.integers(1, 600), st.sampled_from("smh")) | st.just("unlimited")
most = st.none() | st.integers(0, 12)


def shards(of):
    return [Shard(number=number, of=of) for number in range(of)]


@given(fleets, st.builds(Budget, max=most, per_day=most), st.booleans(), st.data())
def test_the_shards_do_what_one_run_would_each_change_in_one_of_them(fleet, budget, unbounded, data):
    proposals = [a_proposal(AUTO, *some, target=f"target-{n}") for n, some in enumerate(fleet)]
    names = [one.plan.target for one in proposals]
    latitude = Latitude(break_glass="an incident" if unbounded else None)
    whole = guards.judge(proposals, Terms(limits=Limits(to_auto=budget), latitude=latitude), NOW)
    of = data.draw(st.integers(1, len(names)), label="of")

    sent: Counter = Counter()
    planned: Counter = Counter()
    for shard in shards(of):
        seen = zip(names, sharding.others(names, shard), strict=True)
        others = frozenset(name for name, is_others in seen if is_others)
        verdict = sharding.own_verdict(whole, others)
        assert (verdict.refusals, verdict.budgets) == (whole.refusals, whole.budgets)
        sent.update(each for plan in verdict.plans for each in plan.changes)
        for plan in (sharding.own_plan(one.plan, others) for one in proposals):
            assert plan.listed == plan.in_sync + len(plan.left) + len(plan.changes)
            planned.update(plan.changes)

    assert sent == Counter(each for plan in whole.plans for each in plan.changes)
    assert planned == Counter(each for one in proposals for each in one.plan.changes)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=9), st.data())
def test_every_project_is_of_one_shard_and_no_shard_is_idle(projects, data):
    of = data.draw(st.integers(1, len(set(projects))), label="of")

    owners = [sharding.others(projects, shard) for shard in shards(of)]

    for number, project in enumerate(projects):
        (owner,) = [each for each in owners if not each[number]]
        assert [owner[other] for other, same in enumerate(projects) if same == project] == [False] * projects.count(
            project
        )
    assert all(not all(each) for each in owners)


@given(rates, st.none() | rates, st.integers(1, 64), st.data())
def test_what_the_shards_may_do_at_a_target_comes_to_what_one_run_may(rate, own, concurrency, data):
    limits = Limits(rate=parse_rate(rate), concurrency=concurrency)
    targets = (Target(name="eu", rate=None if own is None else parse_rate(own)),)
    starts = [one.count for one in (limits.rate, targets[0].rate) if one is not None]
    of = data.draw(st.integers(1, min(concurrency, *starts)) if starts else st.integers(1, concurrency), label="of")
    policy = Policy(name="p", files=("p.yaml",), sha256="0", limits=limits, targets=targets)

    parts = [sharding.paced(policy, shard) for shard in shards(of)]

    assert sum(part.limits.concurrency for part in parts) == concurrency
    assert min(part.limits.concurrency for part in parts) >= 1
    whole, shares = targets[0].rate or limits.rate, [part.targets[0].rate or part.limits.rate for part in parts]
    if whole is None:
        assert set(shares) == {None}
    else:
        assert {share.period for share in shares} == {whole.period}, "no window is passed, however short"
        counts = [share.count for share in shares]
        assert (sum(counts), min(counts) >= 1) == (whole.count, True)
    assert replace(parts[0], limits=limits, targets=targets) == policy
