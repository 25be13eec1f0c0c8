import pytest

from enforcer.dcs.access.expiry import key_renewal, token_renewal, unix_time

NOW = 1_767_323_045.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02T03:04:05.000000Z", NOW),
        ("2026-01-02T03:04:05Z", NOW),
        ("2026-01-02T03:04:05", NOW),
        ("2026-01-02T04:04:05+01:00", NOW),
        ("2026-01-02T03:04:05.500Z", NOW + 0.5),
        ("soon", None),
        ("", None),
        (None, None),
        (1767323045, None),
    ],
)
def test_times_come_with_and_without_a_fraction(text, expected):
    assert unix_time(text) == expected


def test_a_token_of_a_day_is_renewed_half_an_hour_before_its_end():
    assert token_renewal(issued=0.0, expires=86400.0, now=NOW) == NOW + 86400 - 1800


def test_a_short_token_is_renewed_when_a_tenth_is_left():
    assert token_renewal(issued=0.0, expires=100.0, now=NOW) == NOW + 90


def test_a_lifetime_counts_from_now_if_the_start_is_not_told():
    assert token_renewal(issued=None, expires=NOW + 100, now=NOW) == NOW + 90


@pytest.mark.parametrize(("issued", "expires"), [(0.0, None), (100.0, 100.0), (100.0, 50.0)])
def test_a_token_without_a_sound_end_is_renewed_when_it_is_refused(issued, expires):
    assert token_renewal(issued=issued, expires=expires, now=NOW) is None


def test_a_temporary_key_is_renewed_ten_minutes_before_its_end():
    assert key_renewal(NOW) == NOW - 600
    assert key_renewal(None) is None
