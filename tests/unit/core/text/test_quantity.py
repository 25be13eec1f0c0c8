import pytest

from enforcer.core.text.quantity import parse_duration, parse_rate
from enforcer.model.limits import Rate


@pytest.mark.parametrize(
    ("text", "count", "period"),
    [
        ("5/s", 5, 1),
        ("60/m", 60, 60),
        ("1/h", 1, 3600),
        ("0.5/s", 1, 2),
        ("2.5/s", 5, 2),
        ("5.000/s", 5, 1),
        ("0.001/s", 1, 1000),
        ("1.5/m", 3, 120),
        ("100000/s", 100_000, 1),
        ("360000000/h", 360_000_000, 3600),
    ],
)
def test_a_rate_is_whole_starts_in_whole_seconds(text, count, period):
    assert parse_rate(text) == Rate(count=count, period=period, text=text)


def test_unlimited_is_no_rate():
    assert parse_rate("unlimited") is None


@pytest.mark.parametrize("text", ["0/s", "0.000/m", "00/h", "0", "-0/s"])
def test_a_rate_of_nothing_says_that_nothing_would_be_sent(text):
    with pytest.raises(ValueError, match="would never send anything; expected more than 0"):
        parse_rate(text)


@pytest.mark.parametrize("text", ["100000.001/s", "100001/s", "6000001/m", "999999999/s"])
def test_a_rate_above_the_ceiling_is_refused(text):
    with pytest.raises(ValueError, match="too high; expected at most 100000/s"):
        parse_rate(text)


NO_NUMBERS = ["", "5", "-5/s", "+5/s", "1e3/s", "0.0001/s", ".5/s", "5./s", "05/s", "\u0665/s", "inf/s", "1_0/s"]
NO_UNITS = ["5/", "/s", "5/d", "5/min", "5 /s", " 5/s", "5/s\n", "5/S", "5/s/s", "Unlimited", "none", "9" * 5000 + "/s"]


@pytest.mark.parametrize("text", NO_NUMBERS + NO_UNITS)
def test_what_is_no_rate_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="expected N/s, N/m or N/h"):
        parse_rate(text)


@pytest.mark.parametrize(
    ("text", "seconds"), [("1s", 1), ("90s", 90), ("15m", 900), ("2h", 7200), ("999999h", 999_999 * 3600)]
)
def test_a_duration_is_whole_seconds(text, seconds):
    assert parse_duration(text) == seconds


@pytest.mark.parametrize(
    "text",
    ["", "90", "s", "0s", "-1s", "1.5h", "1h30m", "1 h", "1d", "1H", "01s", "1s\n", "1000000s", "\u0663s", "50ms"],
)
def test_what_is_no_duration_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is no duration; expected a whole number of s, m or h"):
        parse_duration(text)
