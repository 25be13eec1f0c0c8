import pytest

from enforcer.core.retry import LIST_ATTEMPTS, PUT_ATTEMPTS, wait_before_next
from enforcer.model.answer import FailureKind
from tests.fakes import a_failure

RETRIED = [FailureKind.NOT_SENT, FailureKind.TRANSIENT, FailureKind.LOST, FailureKind.THROTTLED]


@pytest.mark.parametrize("kind", FailureKind)
def test_only_what_may_pass_by_itself_is_retried(kind):
    wait = wait_before_next(a_failure(kind), 1, PUT_ATTEMPTS, 0.5)

    assert (kind in RETRIED) == (wait is not None)


def test_attempts_are_bounded():
    failure = a_failure(FailureKind.TRANSIENT)

    assert wait_before_next(failure, 3, PUT_ATTEMPTS, 0.5) is not None
    assert wait_before_next(failure, 4, PUT_ATTEMPTS, 0.5) is None
    assert wait_before_next(failure, 4, LIST_ATTEMPTS, 0.5) is not None


def test_back_off_has_full_jitter_up_to_its_cap():
    failure = a_failure(FailureKind.TRANSIENT)

    assert wait_before_next(failure, 1, LIST_ATTEMPTS, 0.0) == 0
    assert wait_before_next(failure, 1, LIST_ATTEMPTS, 0.999) == pytest.approx(0.999)
    assert wait_before_next(failure, 4, LIST_ATTEMPTS, 0.999) == pytest.approx(8 * 0.999)


def test_throttling_waits_two_to_five_seconds_and_doubles():
    failure = a_failure(FailureKind.THROTTLED)

    assert wait_before_next(failure, 1, PUT_ATTEMPTS, 0.0) == 2
    assert wait_before_next(failure, 1, PUT_ATTEMPTS, 0.999) == pytest.approx(5, abs=0.01)
    assert wait_before_next(failure, 2, PUT_ATTEMPTS, 0.0) == 4
    assert wait_before_next(failure, 7, PUT_ATTEMPTS, 0.999) == 60


def test_what_the_server_asks_is_waited_for_with_a_little_on_top():
    failure = a_failure(FailureKind.TRANSIENT, retry_after_s=30.0)

    assert wait_before_next(failure, 1, PUT_ATTEMPTS, 0.0) == 30
    assert wait_before_next(failure, 1, PUT_ATTEMPTS, 0.5) == pytest.approx(31.5)


def test_a_wait_of_more_than_five_minutes_is_left_to_the_next_run():
    assert wait_before_next(a_failure(FailureKind.THROTTLED, retry_after_s=301.0), 1, PUT_ATTEMPTS, 0.5) is None
