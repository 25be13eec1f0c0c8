from hypothesis import given
from hypothesis import strategies as st

from enforcer.core.authoring.starter import families
from enforcer.core.decide import decide
from enforcer.core.overrides.compiled import NO_OVERRIDES
from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.model.task import ResumeMode
from enforcer.policyfile import load_text, starter
from tests.builders import a_target_ref
from tests.wishes import NOW, a_task

A, M = ResumeMode.AUTO, ResumeMode.MANUAL


def fleet(**modes):
    """Tasks named PREFIX-N, one for each letter of PREFIX's modes."""
    letters = {"a": A, "m": M}
    return [
        a_task(f"{prefix}{n}", task_name=f"{prefix}-{n}", resume_mode=letters[letter])
        for prefix, text in modes.items()
        for n, letter in enumerate(text)
    ]


def test_a_family_is_what_most_of_it_is_and_the_others_are_exceptions():
    found = families(fleet(pay="aaaaam", dr="mmm", mixed="am", alone="a"))

    assert [(each.prefix, each.mode, len(each.exceptions)) for each in found] == [
        ("pay-", A, 1),
        ("dr-", M, 0),
        ("mixed-", None, 0),
    ]


names = st.sampled_from(["pay-1", "pay-2", "Pay-3", "pay_4", "dr-1", "dr-2", "x", None, "-x", "é-1", 'a"b-1', "dr-[1]"])
tasks = st.builds(
    a_task,
    st.uuids().map(str),
    task_name=names,
    resume_mode=st.sampled_from([A, M, None]),
    status=st.sampled_from(["INCRMIGRATING", "SUCCESS"]),
)


@given(st.lists(tasks, max_size=20, unique_by=lambda task: task.task_id))
def test_whatever_the_fleet_the_policy_is_valid_and_changes_nothing(members):
    eligible = [task for task in members if task.status != "SUCCESS"]
    text = starter.text(families(eligible), [a_target_ref()], tasks=len(members), taken_at="now")
    policy = CompiledPolicy(load_text(text.encode(), "starter.yaml"))

    desired = {task.task_id: decide(task, policy, NO_OVERRIDES, NOW).desired for task in members}
    known = [task for task in members if task.resume_mode is not None]
    assert [task for task in known if desired[task.task_id] not in {None, task.resume_mode}] == []
