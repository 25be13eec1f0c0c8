"""Whatever the shares, waves take every change once, lowest risk first; a gate answers to anything."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from enforcer.core.rollout.health import Health, look, objections
from enforcer.core.rollout.risk import Sharing, rate
from enforcer.core.rollout.waves import route, steps
from enforcer.model.plan import Cause, Change
from enforcer.model.rollout import Gate, Rollout, Share
from enforcer.model.route import Risk
from enforcer.model.task import ResumeMode, Task
from tests.wishes import a_task

shares = st.builds(Share, number=st.integers(1, 300)) | st.builds(
    Share, number=st.integers(1, 100), is_percent=st.just(True)
)
waves = st.lists(shares, min_size=1, max_size=6).map(tuple)
instances = st.none() | st.sampled_from(["", "i1", "i2", "i3"])
statuses = st.none() | st.sampled_from(
    ["INCRMIGEATING", "FULLMIGRATING", "FAILED", "MIGRATION_FAILED", "SUCCESS", "NEW"]
)
limits = st.none() | st.integers(0, 30)


@st.composite
def tasks(draw: st.DrawFn) -> list[Task]:
    return [
        a_task(
            f"t{number}",
            status=draw(statuses),
            source_instance_id=draw(instances),
            target_instance_id=draw(instances),
            bandwidth_limit_mb=draw(limits),
        )
        for number in range(draw(st.integers(0, 30)))
    ]


@st.composite
def changes(draw: st.DrawFn, of: list[Task]) -> list[Change]:
    return [
        Change(
            task=task,
            desired=draw(st.sampled_from(ResumeMode)),
            cause=Cause(name="r", priority=draw(st.integers(-2, 2))),
        )
        for task in of
    ]


@given(st.integers(0, 500), waves)
def test_every_wave_goes_further_and_the_last_one_to_the_end(total, asked):
    made = steps(total, asked)

    assert made[0] == 0
    assert made[-1] == total
    assert all(earlier < later for earlier, later in pairwise(made))


@given(st.data(), tasks(), waves)
def test_waves_partition_the_changes_lowest_risk_first(data, inventory, asked):
    wanted = data.draw(changes(inventory))

    way = route("prod", wanted, inventory, Rollout(waves=asked))

    in_waves = [each for wave in way.waves for each in wave]
    risks = [list(Risk).index(each.risk) for each in in_waves]
    assert all(way.waves)
    assert risks == sorted(risks)
    assert [each for each in wanted if each.desired is ResumeMode.MANUAL] == list(way.first)
    to_auto = {each.task.task_id for each in wanted if each.desired is ResumeMode.AUTO}
    assert sorted(to_auto) == sorted(each.change.task.task_id for each in in_waves)


@given(st.data(), tasks())
def test_the_waves_do_not_depend_on_the_order_of_the_list(data, inventory):
    wanted = data.draw(changes(inventory))
    mixed, listed = data.draw(st.permutations(wanted)), data.draw(st.permutations(inventory))

    assert route("prod", wanted, inventory, Rollout()).waves == route("prod", mixed, listed, Rollout()).waves


@given(tasks())
def test_a_risk_is_low_only_if_everything_is_known_and_a_reason_is_given_for_any_other(inventory):
    sharing = Sharing(inventory)

    for task in inventory:
        rated = rate(Change(task=task, desired=ResumeMode.AUTO, cause=Cause(name="r")), sharing)
        is_known = bool(task.source_instance_id and task.target_instance_id and task.bandwidth_limit_mb)
        assert rated.risk is not Risk.LOW or is_known
        assert bool(rated.reasons) is (rated.risk is not Risk.LOW)


@given(tasks(), st.none() | tasks(), st.integers(0, 9), st.builds(Gate, max_failed=st.none() | st.integers(0, 9)))
def test_a_gate_answers_to_anything_and_another_look_never_makes_it_milder(before, now, call_errors, gate):
    by_id = None if now is None else {task.task_id: task for task in now}

    once = look(Health(), before, by_id)
    again = look(once, before, {task.task_id: task for task in before})

    assert len(objections(once, call_errors, gate)) <= len(objections(again, call_errors, gate))


@given(tasks(), tasks())
def test_with_nothing_allowed_a_task_without_a_readable_status_never_passes(before, now):
    by_id = {task.task_id: task for task in now}
    unread = [task for task in before if task.task_id not in by_id or not by_id[task.task_id].status]

    assert not unread or objections(look(Health(), before, by_id), 0, Gate())
