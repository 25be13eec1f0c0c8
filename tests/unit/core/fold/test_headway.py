"""How far a target is, from its events: what counts as done, what it is at, how long it still takes."""

from typing import Any

import pytest
from hypothesis import given

from enforcer.core.fold.headway import Headway, text
from enforcer.model.event import (
    BakeStarted,
    ChangeDeferred,
    ChangeRecalled,
    RateChanged,
    RolloutPlanned,
    WaveJudged,
    WaveStarted,
)
from enforcer.model.task import ResumeMode
from tests import builders as b
from tests.event_strategies import any_entries

PLACE: dict[str, Any] = {"target": b.TARGET, "waves": 3}


def headway(*timed, rate_per_s=5.0):
    """A target that has been told each event at its time."""
    made = Headway(ref=b.a_target_ref(rate_per_s=rate_per_s, rate="5/s" if rate_per_s else "unlimited"))
    for at, event in timed:
        made.take(event, at)
    return made


def planned(number, at=0.0):
    return at, b.a_plan_built(number)


def routed(*waves, bake_s=0):
    return 0.0, RolloutPlanned(target=b.TARGET, waves=waves, shows=0, bake_s=bake_s)


def sent(task_id, at):
    return [(at, b.a_change_attempted(task_id)), (at, b.a_change_acked(task_id))]


def judged(wave):
    return WaveJudged(
        **PLACE,
        wave=wave,
        passed=True,
        full_sync=0,
        failed=0,
        unreadable=0,
        call_errors=0,
        reasons=(),
        watched_s=60.0,
    )


@pytest.mark.parametrize(
    ("events", "stage"),
    [
        ([], "listing tasks"),
        ([(0, b.an_inventory_listed(1200))], "1,200 tasks listed"),
        ([planned(3)], "3 to change: reading details"),
        ([planned(3), routed(3)], "3 to change"),
        ([planned(0)], "nothing to change"),
        ([planned(3), *sent("a", 1)], ""),
        ([planned(3), *sent("a", 1), (2, b.an_inventory_listed(9, read_back=True))], ""),
        ([planned(1), *sent("a", 1)], "reading back"),
        ([planned(1), (0, RolloutPlanned(target=b.TARGET, waves=(1,), shows=0)), *sent("a", 1)], ""),
        ([(0, WaveStarted(**PLACE, wave=2, changes=4))], "wave 2 of 3"),
        ([(0, BakeStarted(**PLACE, wave=2, bake_s=82))], "wave 2 of 3: watching 1:12"),
        ([(0, BakeStarted(**PLACE, wave=2, bake_s=82)), (9, judged(2))], "wave 2 of 3: well"),
        ([(0, b.a_throttle_gated(wait_s=40.0))], "told to slow down, waiting 0:30"),
        ([(0, ChangeRecalled(target=b.TARGET, task_id="a", desired=ResumeMode.MANUAL, wave=1))], "setting back 1"),
        ([(0, b.a_target_failed(message="no\x1banswer"))], r"no\x1banswer"),
    ],
)
def test_what_it_is_at(events, stage):
    assert headway(*events).status(10.0).stage == stage


def test_what_is_not_sent_is_no_part_of_the_total_and_nothing_is_done_twice():
    status = headway(
        planned(5),
        (1, b.a_change_skipped("a")),
        (1, ChangeDeferred(target=b.TARGET, task_id="b", reason="frozen")),
        *sent("c", 2),
        (3, b.a_change_failed("d")),
        (4, ChangeRecalled(target=b.TARGET, task_id="c", desired=ResumeMode.MANUAL, wave=1)),
        *sent("c", 5),
    ).status(6.0)

    assert (status.done, status.total, status.failed) == (2, 3, 1)


def test_the_time_left_is_that_of_the_changes_at_the_rate_and_of_the_waves():
    waves = (0, RolloutPlanned(target=b.TARGET, waves=(1, 3, 6), shows=0, bake_s=60))
    start = [planned(10), waves]

    assert headway(*start).status(0.0).left_s == 10 / 5 + 3 * 60
    first = [*start, (1, WaveStarted(**PLACE, wave=1, changes=1)), *sent("a", 1)]
    assert headway(*first).status(1.0).left_s == pytest.approx(9 / 5 + 3 * 60)
    watched = [*first, (2, BakeStarted(**PLACE, wave=1, bake_s=60))]
    assert headway(*watched).status(22.0).left_s == pytest.approx(9 / 5 + 40 + 2 * 60)
    # A gate that objects or has nothing to look at ends the watch early.
    assert headway(*watched, (3, judged(1))).status(22.0).left_s == pytest.approx(9 / 5 + 2 * 60)


def test_a_gate_adds_its_wait_and_lowers_the_rate_until_it_has_climbed_back():
    gated = [planned(10), routed(10), (1, b.a_throttle_gated(wait_s=20.0, rate_per_s=2.0))]

    assert headway(*gated).status(11.0).left_s == 10 + 10 / 2
    assert headway(*gated, (40, RateChanged(target=b.TARGET, rate_per_s=5.0))).status(40.0).left_s == 10 / 5


def test_a_target_that_answers_slowly_is_reckoned_with_as_it_is():
    slow = [event for number in range(12) for event in sent(str(number), number * 0.5)]

    assert headway(planned(32), *slow).status(5.5).left_s == pytest.approx(20 / 2.0)
    assert headway(planned(32), *slow, rate_per_s=None).status(5.5).left_s == pytest.approx(20 / 2.0)


def test_what_is_recorded_ahead_and_not_answered_is_no_speed():
    answered = [event for number in range(12) for event in sent(str(number), number * 0.5)]
    ahead = [(5.5, b.a_change_attempted(f"later {number}")) for number in range(64)]

    status = headway(planned(96), *answered, *ahead, rate_per_s=None).status(5.5)

    assert status.rate_per_s == 2.0
    assert status.left_s == pytest.approx(84 / 2.0)


def test_answers_that_ask_for_another_attempt_are_a_speed_too():
    retried = [(number * 0.5, b.an_attempt_failed(str(number))) for number in range(12)]

    assert headway(planned(12), *retried).status(5.5).rate_per_s == 2.0


def test_nothing_is_promised_where_nothing_is_known():
    assert headway().status(0.0).left_s is None
    assert headway(planned(9)).status(0.0).left_s is None, "the waves are not known yet"
    assert headway(planned(9), routed(9), rate_per_s=None).status(0.0).left_s is None
    assert headway(planned(1), *sent("a", 1)).status(2.0).left_s is None


def test_the_line_says_it_all_and_its_time_does_not_flicker():
    going = headway(planned(2000), *sent("a", 1), *sent("b", 1.25))

    assert text(going.status(1.25)) == "4.0/s of 5/s  0 failed  about 7 min left"
    assert text(headway(planned(200), routed(200)).status(0.0)) == "200 to change  about 0:40 left"
    assert text(headway(planned(11), routed(11)).status(0.0)) == "11 to change  about 0:05 left"


def test_a_line_of_80_columns_has_room_for_all_of_a_watch():
    watched = headway(
        planned(21),
        routed(2, 19, bake_s=90),
        *sent("a", 1),
        *sent("b", 2),
        (3, BakeStarted(**PLACE, wave=1, bake_s=90)),
    )

    said = text(watched.status(4.0))
    assert said == "wave 1 of 3: watching 1:29  0 failed  about 3:10 left"
    assert len(f"sim-region-1  2/21 {said}") <= 80


@given(any_entries())
def test_whatever_happens_it_can_be_told(entries):
    made = headway()
    for entry in entries:
        made.take(entry.event, entry.at)
        status = made.status(entry.at)
        assert status.total is None or 0 <= status.total
        assert text(status).isprintable()
