"""Freeze windows: days, hours, midnight, weeks, and the two nights of a year on which the clock jumps."""

from datetime import UTC, datetime, timedelta

import pytest

from enforcer.core.admission.freeze import frozen
from enforcer.model.task import ResumeMode
from tests.wishes import a_freeze

AUTO, MANUAL = ResumeMode.AUTO, ResumeMode.MANUAL


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def is_frozen(window, text, direction=AUTO):
    return frozen([window], direction, at(text)) is not None


def until(window, text, *more):
    found = frozen([window, *more], AUTO, at(text))
    assert found is not None
    return None if found.until is None else found.until.astimezone(UTC).strftime("%Y-%m-%dT%H:%M")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-23T07:59:59", False),
        ("2026-11-23T08:00:00", True),
        ("2026-11-23T19:59:59", True),
        ("2026-11-23T20:00:00", False),
        ("2026-11-22T12:00:00", False),  # a Sunday
    ],
)
def test_its_first_moment_belongs_to_a_window_and_its_last_does_not(text, expected):
    assert is_frozen(a_freeze("Mon Tue"), text) is expected


def test_only_its_directions_are_frozen():
    window = a_freeze(directions=frozenset([MANUAL]))

    assert is_frozen(window, "2026-11-23T12:00:00", MANUAL)
    assert not is_frozen(window, "2026-11-23T12:00:00", AUTO)


def test_over_midnight_a_window_is_of_the_day_on_which_it_begins():
    window = a_freeze("Fri", "22:00", "06:00")

    assert is_frozen(window, "2026-11-27T23:00:00")
    assert is_frozen(window, "2026-11-28T05:59:00")
    assert not is_frozen(window, "2026-11-28T06:00:00")
    assert not is_frozen(window, "2026-11-27T05:00:00")
    assert not is_frozen(window, "2026-11-28T23:00:00")


def test_from_and_to_alike_is_a_whole_day():
    window = a_freeze("Mon", "06:00", "06:00")

    assert is_frozen(window, "2026-11-23T06:00:00")
    assert is_frozen(window, "2026-11-24T05:59:00")
    assert not is_frozen(window, "2026-11-24T06:00:00")


def test_a_day_may_end_at_24_o_clock():
    assert until(a_freeze("Mon", "00:00", "24:00"), "2026-11-23T12:00:00") == "2026-11-24T00:00"


def test_windows_that_follow_upon_each_other_end_with_the_last():
    day, night = a_freeze("Mon", "08:00", "20:00"), a_freeze("Mon", "20:00", "02:00")

    assert until(day, "2026-11-23T12:00:00", night) == "2026-11-24T02:00"


def test_of_windows_that_overlap_the_longer_one_is_named():
    short, long = a_freeze(start="08:00", end="12:00", reason="a"), a_freeze(start="09:00", end="18:00", reason="b")

    assert str(frozen([short, long], AUTO, at("2026-11-23T10:00:00"))) == "frozen until 18:00 UTC: b"


def test_what_is_always_frozen_has_no_end():
    window = a_freeze(start="00:00", end="24:00", reason="migration is over")

    assert until(window, "2026-11-23T12:00:00") is None
    assert str(frozen([window], AUTO, at("2026-11-23T12:00:00"))) == "frozen at all times: migration is over"


def test_it_says_the_time_of_the_window_s_own_zone_and_the_day_if_it_is_another():
    window = a_freeze("Mon", "08:00", "20:00", "Europe/Berlin", reason="business hours")
    weekend = a_freeze("Sat", "00:00", "24:00", "Europe/Berlin")

    assert str(frozen([window], AUTO, at("2026-11-23T12:00:00"))) == (
        "frozen until 20:00 Europe/Berlin: business hours"
    )
    assert str(frozen([weekend], AUTO, at("2026-11-28T12:00:00"))) == "frozen until 2026-11-29 00:00 Europe/Berlin"


@pytest.mark.parametrize(
    ("day", "offset"), [("2026-03-28", 1), ("2026-03-29", 2), ("2026-10-24", 2), ("2026-10-25", 1)]
)
def test_office_hours_follow_summer_time(day, offset):
    window = a_freeze(start="08:00", end="20:00", zone="Europe/Berlin")
    begin, end = (at(f"{day}T{hour}:00:00") - timedelta(hours=offset) for hour in ("08", "20"))
    moment = timedelta(seconds=1)

    assert [frozen([window], AUTO, when) is not None for when in (begin - moment, begin, end - moment, end)] == [
        *(False, True, True, False)
    ]


def test_a_window_in_the_hour_that_comes_twice_lasts_over_both():
    window = a_freeze(start="02:15", end="02:45", zone="Europe/Berlin")

    assert not is_frozen(window, "2026-10-25T00:14:00")
    assert is_frozen(window, "2026-10-25T00:15:00")  # 02:15, still summer
    assert is_frozen(window, "2026-10-25T01:00:00")  # 02:00, winter already
    assert is_frozen(window, "2026-10-25T01:44:00")
    assert not is_frozen(window, "2026-10-25T01:45:00")


def test_a_window_in_the_hour_that_is_skipped_is_not_lost():
    window = a_freeze(start="02:15", end="02:45", zone="Europe/Berlin")
    minutes = [at("2026-03-29T00:00:00") + timedelta(minutes=n) for n in range(120)]

    assert frozen([window], AUTO, at("2026-03-29T01:00:00")) is not None  # 03:00, where 02:15 would have been past
    assert sum(frozen([window], AUTO, minute) is not None for minute in minutes) >= 30


def test_a_night_with_the_skipped_hour_ends_by_the_clock_on_the_wall():
    assert until(a_freeze("Sat", "22:00", "06:00", "Europe/Berlin"), "2026-03-28T23:00:00") == "2026-03-29T04:00"


def test_a_zone_far_from_utc_keeps_its_own_days():
    window = a_freeze("Mon", "00:00", "24:00", "Pacific/Kiritimati")  # 14 hours ahead

    assert is_frozen(window, "2026-11-22T10:00:00")
    assert not is_frozen(window, "2026-11-23T10:00:00")
