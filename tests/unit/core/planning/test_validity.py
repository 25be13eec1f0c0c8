from datetime import timedelta

import pytest
from msgspec.structs import replace

from enforcer.core.planning.validity import MAX_AGE_S, checked, staleness
from enforcer.model.task import ResumeMode
from tests.saved import a_saved_change, a_saved_plan, a_saved_target
from tests.wishes import NOW

AUTO = ResumeMode.AUTO


@pytest.mark.parametrize(
    ("age_s", "is_stale"), [(0, False), (MAX_AGE_S, False), (MAX_AGE_S + 1, True), (-300, False), (-301, True)]
)
def test_a_plan_is_good_for_an_hour_from_when_it_was_made(age_s, is_stale):
    made = NOW - timedelta(seconds=age_s)

    assert is_stale is (staleness(a_saved_plan(created=made.isoformat()), NOW, MAX_AGE_S) is not None)


@pytest.mark.parametrize(
    ("plan", "what"),
    [
        (a_saved_plan(created="yesterday"), "created"),
        (a_saved_plan(created="2026-11-23T02:15:00"), "created"),
        (replace(a_saved_plan(), targets=()), "targets: none"),
        (a_saved_plan(a_saved_target(), a_saved_target()), "two of one name"),
        (a_saved_plan(a_saved_target(a_saved_change("../x"))), "task id"),
        (a_saved_plan(a_saved_target(a_saved_change("t1"), a_saved_change("t1"))), "twice"),
        (a_saved_plan(a_saved_target(a_saved_change("t1", before=AUTO))), "from auto to the same"),
        (a_saved_plan(replace(a_saved_target(), endpoint="http://dcs.example.com")), "http"),
        (a_saved_plan(replace(a_saved_target(), project_id="../..")), "project"),
        (a_saved_plan(replace(a_saved_target(), rate="fast")), "rate"),
    ],
)
def test_what_no_plan_of_ours_says_is_refused(plan, what):
    with pytest.raises(ValueError, match=what):
        checked(plan)
