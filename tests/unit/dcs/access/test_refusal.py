"""Which failures are about who asks, and what to tell of them."""

import pytest

from enforcer.dcs.access import refusal
from enforcer.model.answer import Failure, FailureKind


def denied(status=401, code="APIGW.0301", message="verify aksk signature fail"):
    return Failure(kind=FailureKind.DENIED, message=message, http_status=status, error_code=code)


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (denied(), True),
        (denied(code=None), True),
        (denied(status=400, code="APIGW.0307"), True),
        (denied(status=200, code="DCS.1002"), True),
        (denied(status=403, code="DCS.2003"), False),
        (denied(status=200, code="DCS.2003"), False),
        (Failure(kind=FailureKind.TRANSIENT, message="x", http_status=401), False),
    ],
)
def test_a_refusal_is_a_401_by_status_or_by_code(failure, expected):
    assert refusal.is_refused(failure) is expected


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (Failure(kind=FailureKind.REJECTED, message="x", http_status=400), True),
        (Failure(kind=FailureKind.GONE, message="x", http_status=404), True),
        (denied(status=403, code="DCS.2003"), True),
        (denied(), False),
        (Failure(kind=FailureKind.THROTTLED, message="x", http_status=429), False),
        (Failure(kind=FailureKind.TRANSIENT, message="x", http_status=503), False),
        (Failure(kind=FailureKind.LOST, message="x"), False),
        (Failure(kind=FailureKind.PROTOCOL, message="x", http_status=404), False),
    ],
)
def test_only_an_answer_of_the_service_shows_that_credentials_were_accepted(failure, expected):
    assert refusal.shows_acceptance(failure) is expected


@pytest.mark.parametrize(
    ("code", "message", "expected"),
    [
        ("APIGW.0303", "x", True),
        ("APIG.0303", "x", True),
        ("APIGW.0301", "the X-Sdk-Date is wrong", True),
        (None, "Signature expired", True),
        ("APIGW.0301", "verify aksk signature fail", False),
    ],
)
def test_what_may_come_from_a_clock(code, message, expected):
    assert refusal.is_of_time(denied(code=code, message=message)) is expected


def test_the_time_of_a_lock_is_rounded_up_to_the_minute():
    assert "before 03:10 UTC" in refusal.locked_hint(1767323045.0)
    assert "before 03:09 UTC" in refusal.locked_hint(1767323040.0)
