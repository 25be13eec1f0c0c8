from enforcer.core.pacing.quota import MinuteQuota
from enforcer.core.pacing.rate import MEMORY_OF_STARTS, Starts


def after(*starts: float) -> tuple[MinuteQuota, Starts]:
    taken = Starts()
    taken.extend(starts)
    return MinuteQuota(taken), taken


def evenly(count: int, per_s: float, begin: float = 0.0) -> list[float]:
    return [begin + number / per_s for number in range(count)]


def test_a_refusal_that_persists_is_explained_by_what_a_minute_has_had():
    quota, _ = after(*evenly(60, 5))

    assert quota.refused(12.0) is None
    assert quota.refused_again(16.0) == 60


def test_the_guess_comes_true_with_as_many_in_another_minute():
    quota, taken = after(*evenly(60, 5))
    quota.refused(12.0)
    quota.refused_again(16.0)
    taken.extend(evenly(59, 5, begin=60.5))

    assert quota.refused(72.5) == 60


def test_a_guess_that_does_not_come_true_is_dropped():
    quota, taken = after(*evenly(60, 5))
    quota.refused(12.0)
    quota.refused_again(16.0)
    taken.extend(evenly(70, 5, begin=60.5))

    assert quota.refused(74.5) is None
    taken.extend(evenly(60, 5, begin=140.0))
    assert quota.refused(152.0) is None


def test_a_row_is_explained_once():
    quota, _ = after(*evenly(60, 5))
    quota.refused(12.0)

    assert [quota.refused_again(at) for at in (16.0, 61.0, 70.0)] == [60, None, None]


def test_a_count_that_was_taken_without_a_refusal_before_explains_none():
    quota, _ = after(*evenly(500, 5))

    assert quota.refused(100.0) is None
    assert quota.refused_again(104.0) is None


def test_a_count_that_an_earlier_minute_had_explains_none():
    quota, _ = after(*evenly(60, 5), *evenly(60, 5, begin=100.0))

    assert quota.refused(112.0) is None
    assert quota.refused_again(116.0) is None


def test_within_a_second_of_traffic_it_may_be_a_seconds():
    quota, _ = after(*evenly(20, 100))
    quota.refused(0.2)

    assert quota.refused_again(1.1) is None


def test_where_nothing_was_taken_there_is_no_quota_to_wait_for():
    quota, _ = after()

    assert quota.refused(1.0) is None
    assert quota.refused_again(4.0) is None


def test_of_more_than_it_remembers_a_minute_explains_nothing():
    quota, _ = after(*evenly(MEMORY_OF_STARTS + 15_000, 5_000))

    assert quota.refused(7.0) is None
    assert quota.refused_again(11.0) is None


def test_where_the_minute_before_is_half_forgotten_a_minute_explains_nothing():
    quota, _ = after(*evenly(MEMORY_OF_STARTS, MEMORY_OF_STARTS / 61))

    assert quota.refused(61.0) is None
    assert quota.refused_again(65.0) is None
