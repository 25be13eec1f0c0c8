import pytest

from enforcer.core.pacing.breaker import Breaker, FirstRefusals, RetryBudget
from enforcer.core.pacing.retry import FREE, LIST_ATTEMPTS, PUT_ATTEMPTS, Tries
from enforcer.model.answer import FailureKind
from tests.fakes import a_failure

RETRIED = {FailureKind.NOT_SENT, FailureKind.TRANSIENT, FailureKind.LOST, *FREE}


def put_tries(budget: RetryBudget | None = None) -> Tries:
    return Tries(PUT_ATTEMPTS, budget or RetryBudget())


@pytest.mark.parametrize("kind", FailureKind)
def test_only_what_may_pass_by_itself_is_retried(kind):
    assert (kind in RETRIED) == (put_tries().wait_after(a_failure(kind), 0.5) is not None)


def test_attempts_are_bounded():
    for attempts in (PUT_ATTEMPTS, LIST_ATTEMPTS):
        tries = Tries(attempts, RetryBudget())
        waits = [tries.wait_after(a_failure(FailureKind.TRANSIENT), 0.1) for _ in range(attempts)]

        assert [False] * (attempts - 1) + [True] == [wait is None for wait in waits]


def test_throttling_and_renewed_credentials_cost_no_attempt():
    tries = put_tries()

    for kind in (FailureKind.THROTTLED, FailureKind.RENEWED):
        assert [0.0] * 50 == [tries.wait_after(a_failure(kind), 0.5) for _ in range(50)]
    assert tries.wait_after(a_failure(FailureKind.TRANSIENT), 0.5) is not None


def test_back_off_has_full_jitter_and_doubles():
    low, high = put_tries(), put_tries()

    assert [0, 0, 0] == [low.wait_after(a_failure(FailureKind.TRANSIENT), 0.0) for _ in range(3)]
    assert [0.99, 1.98, 3.96] == [
        pytest.approx(high.wait_after(a_failure(FailureKind.TRANSIENT), 0.99)) for _ in range(3)
    ]


def test_what_the_server_asks_is_waited_for_with_a_little_on_top():
    failure = a_failure(FailureKind.TRANSIENT, retry_after_s=30.0)

    assert put_tries().wait_after(failure, 0.0) == 30
    assert put_tries().wait_after(failure, 0.5) == pytest.approx(31.5)


def test_a_wait_of_more_than_five_minutes_is_left_to_the_next_run():
    assert put_tries().wait_after(a_failure(FailureKind.TRANSIENT, retry_after_s=301.0), 0.5) is None


def test_a_call_takes_no_more_than_two_minutes_in_all():
    tries = put_tries()
    slow = a_failure(FailureKind.LOST, duration_s=50.0)

    assert tries.wait_after(slow, 0.1) is not None
    assert tries.wait_after(slow, 0.1) is not None
    assert tries.wait_after(slow, 0.1) is None


def test_a_spent_budget_ends_the_retries_of_every_call():
    budget = RetryBudget()
    for _ in range(20):
        put_tries(budget).wait_after(a_failure(FailureKind.TRANSIENT), 0.0)

    assert put_tries(budget).wait_after(a_failure(FailureKind.TRANSIENT), 0.0) is None


def test_successes_earn_retries_up_to_a_cap():
    budget = RetryBudget()
    for _ in range(5000):
        budget.succeeded()

    assert sum(budget.take() for _ in range(200)) == 100


def test_the_breaker_opens_at_eight_failures_in_a_row():
    breaker = Breaker()

    verdicts = [breaker.failed(is_outage=True) for _ in range(8)]

    assert verdicts[:7] == [None] * 7
    assert verdicts[7] is not None


def test_the_breaker_opens_when_half_of_the_last_twenty_failed():
    breaker = Breaker()
    for _ in range(20):
        breaker.succeeded()

    verdicts = [breaker.failed(is_outage=number % 2 == 0) for number in range(20)]

    assert verdicts[17] is None
    assert verdicts[18] is not None


def test_a_few_results_do_not_open_the_breaker():
    breaker = Breaker()

    assert [None] * 7 == [breaker.failed(is_outage=True) for _ in range(7)]


def test_successes_and_what_is_no_outage_keep_the_breaker_closed():
    breaker = Breaker()

    assert breaker.failed(is_outage=False) is None
    for _ in range(50):
        breaker.succeeded()
        assert [breaker.failed(is_outage=True), breaker.failed(is_outage=False)] == [None, None]


def test_first_changes_that_are_all_refused_alike_are_no_matter_of_single_tasks():
    refusals = FirstRefusals()

    assert [False] * 4 + [True] == [refusals.refused(400, "DCS.4957") for _ in range(5)]


def test_three_changes_forbidden_are_enough():
    refusals = FirstRefusals()

    assert [False, False, True] == [refusals.refused(403, "DCS.2003") for _ in range(3)]


def test_refusals_after_a_success_are_those_of_single_tasks():
    refusals = FirstRefusals()
    refusals.succeeded()

    assert not any(refusals.refused(400, "DCS.4957") for _ in range(50))
