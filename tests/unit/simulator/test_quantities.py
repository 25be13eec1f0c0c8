import pytest

from enforcer.simulator.quantities import Rate, duration, rate, share


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("50ms", 0.05), ("0s", 0.0), ("1.5m", 90.0), ("24h", 86400.0), (" 2s ", 2.0)],
)
def test_a_duration_is_a_number_with_a_unit(text, seconds):
    assert duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize("text", ["", "5", "-1s", "1d", "1e3s", "s", "1s1s", "٣s"])
def test_anything_else_is_no_duration(text):
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


@pytest.mark.parametrize(("text", "value"), [("0%", 0.0), ("5%", 0.05), ("100%", 1.0), ("0.2", 0.2), ("1", 1.0)])
def test_a_share_is_a_percentage_or_a_number_up_to_one(text, value):
    assert share(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", "%", "-1%", "101%", "2", "nan", "many"])
def test_anything_else_is_no_share(text):
    with pytest.raises(ValueError, match="no share"):
        share(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20/s", Rate(count=20, period=1.0, label="1 second")),
        ("60/m", Rate(count=60, period=60.0, label="1 minute")),
        ("1/h", Rate(count=1, period=3600.0, label="1 hour")),
    ],
)
def test_a_rate_is_a_number_per_unit(text, expected):
    assert rate(text) == expected


@pytest.mark.parametrize("text", ["", "20", "0/s", "-1/s", "1.5/s", "20/d", "/s"])
def test_anything_else_is_no_rate(text):
    with pytest.raises(ValueError, match="no rate"):
        rate(text)
