import pytest

from enforcer.core.text.skew import ClockWatch, skew_text


@pytest.mark.parametrize(("skew_s", "news"), [(0, False), (60, False), (-60, False), (60.5, True), (-61, True)])
def test_a_minute_is_worth_telling(skew_s, news):
    assert ClockWatch().is_news(skew_s) is news


def test_a_difference_is_told_once_until_it_changes_by_more_than_a_minute():
    watch = ClockWatch()

    assert [watch.is_news(skew_s) for skew_s in (90, 90, 140, 151, -5, -5)] == [True, False, False, True, True, False]


def test_it_says_which_clock_is_behind():
    assert skew_text(-1203.4) == "this machine's clock is 1203 s behind the server's"
    assert skew_text(61) == "this machine's clock is 61 s ahead of the server's"
