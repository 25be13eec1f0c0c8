"""What an answer means, case by case."""

import json

import pytest
from msgspec.structs import replace
from multidict import CIMultiDict

from enforcer.dcs.api.call import CALLS, LIST, PROJECTS, SHOW, TOKEN, UPDATE, Answer
from enforcer.dcs.api.failures import classify, unanswered, unusable
from enforcer.model.answer import FailureKind as K
from enforcer.model.limits import Rate

AK = "AKIDEXAMPLE0000000001"
DATE = "Mon, 23 Nov 2026 02:15:00 GMT"
DATE_S = 1795400100


def answered(status, code=None, text="", *, body=None, secrets=(), **headers):
    if body is None and code is not None:
        body = {"error_code": code, "error_msg": text}
    raw = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    named = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Answer(status=status, headers=named, body=raw, secrets=secrets)


@pytest.mark.parametrize(
    ("call", "status", "code", "kind"),
    [
        (LIST, 429, None, K.THROTTLED),
        (UPDATE, 429, "APIGW.0308", K.THROTTLED),
        (UPDATE, 403, "APIG.0308", K.THROTTLED),
        (UPDATE, 200, "APIGW.0308", K.THROTTLED),
        (LIST, 401, None, K.DENIED),
        (UPDATE, 401, "APIGW.0301", K.DENIED),
        (UPDATE, 401, "111401002", K.DENIED),
        (LIST, 400, "APIGW.0303", K.DENIED),
        (LIST, 403, "DCS.2003", K.DENIED),
        (PROJECTS, 403, None, K.DENIED),
        (UPDATE, 403, "111403003", K.REJECTED),
        (SHOW, 403, "DCS.2007", K.REJECTED),
        (UPDATE, 400, "DCS.4133", K.GONE),
        (SHOW, 400, "DCS.4133", K.GONE),
        (UPDATE, 200, "DCS.4133", K.GONE),
        (UPDATE, 404, "DCS.4133", K.GONE),
        (UPDATE, 404, "111404022", K.GONE),
        (UPDATE, 404, "DCS.4001", K.PROTOCOL),
        (UPDATE, 404, "APIGW.0101", K.PROTOCOL),
        (LIST, 404, "APIGW.0103", K.PROTOCOL),
        (LIST, 404, "DCS.3022", K.PROTOCOL),
        (UPDATE, 404, None, K.PROTOCOL),
        (UPDATE, 400, "DCS.4063", K.REJECTED),
        (UPDATE, 200, "111400063", K.REJECTED),
        (UPDATE, 409, None, K.REJECTED),
        (UPDATE, 418, None, K.REJECTED),
        (LIST, 500, "DCS.5000", K.TRANSIENT),
        (UPDATE, 500, None, K.TRANSIENT),
        (UPDATE, 503, "APIGW.0613", K.TRANSIENT),
        (UPDATE, 200, "APIGW.0601", K.TRANSIENT),
        (UPDATE, 502, None, K.LOST),
        (UPDATE, 504, "APIGW.0201", K.LOST),
        (UPDATE, 200, "APIGW.0201", K.LOST),
        (UPDATE, 500, "APIG.0201", K.LOST),
        (UPDATE, 201, None, K.LOST),
        (UPDATE, 299, None, K.LOST),
        (LIST, 206, None, K.PROTOCOL),
        (LIST, 502, None, K.TRANSIENT),
        (SHOW, 504, "APIGW.0201", K.TRANSIENT),
        (UPDATE, 507, None, K.TRANSIENT),
        (UPDATE, 200, "NoIdea", K.LOST),
        (LIST, 200, "NoIdea", K.PROTOCOL),
        (UPDATE, 206, None, K.LOST),
        (UPDATE, 307, None, K.PROTOCOL),
        (LIST, 301, None, K.PROTOCOL),
        (UPDATE, 100, None, K.PROTOCOL),
        (UPDATE, 999, None, K.PROTOCOL),
        (TOKEN, 401, None, K.DENIED),
    ],
)
def test_kind(call, status, code, kind):
    failure = classify(call, answered(status, code))

    assert failure.kind == kind
    assert failure.http_status == status
    assert failure.error_code == code


@pytest.mark.parametrize(
    "body",
    [
        {"error_code": "DCS.4063", "error_msg": "bad parameter", "error_ext_msg": None},
        {"error": {"code": "DCS.4063", "message": "bad parameter"}},
        {"errorCode": "DCS.4063", "errorMsg": "bad parameter"},
        {"code": "DCS.4063", "message": "bad parameter"},
        {"anything": {"error_code": "DCS.4063", "error_msg": "bad parameter"}},
    ],
    ids=["v2", "v1", "camel", "bare", "nested"],
)
@pytest.mark.parametrize("status", [200, 400])
def test_every_shape_of_an_error_body_is_read(body, status):
    failure = classify(UPDATE, answered(status, body=body))

    assert failure.kind is K.REJECTED
    assert failure.error_code == "DCS.4063"
    assert failure.message == f"the change was answered with {status} DCS.4063: bad parameter"


def test_the_numeric_code_of_iam_is_not_said_twice():
    body = {"error": {"code": 401, "message": "The username or password is wrong.", "title": "Unauthorized"}}

    failure = classify(TOKEN, answered(401, body=body))

    assert failure.message == "the request for an IAM token was answered with 401: The username or password is wrong."
    assert failure.hint is not None
    assert "password" in failure.hint


@pytest.mark.parametrize(
    ("code", "text", "words"),
    [
        ("APIGW.0301", "AK access failed to reach the limit,forbidden", "do not rerun for 5 minutes"),
        ("APIGW.0301", "verify aksk signature fail", "secret key does not fit"),
        ("APIGW.0301", f"Get secretKey failed,ak:{AK},err:ak not exist", "no such access key"),
        ("APIGW.0303", "signature expired", "clock"),
        ("APIGW.0301", "token expires, expires_at 2026", "get a new one"),
        ("DCS.1004", "", "another project"),
        ("111401004", "", "another project"),
        (None, "", "Check the credentials"),
    ],
)
def test_a_401_says_what_to_do(code, text, words):
    failure = classify(LIST, answered(401, code, text))

    assert failure.hint is not None
    assert words in failure.hint


@pytest.mark.parametrize(
    ("call", "action"),
    [(LIST, "dcs:migrationTask:list"), (SHOW, "dcs:migrationTask:get"), (UPDATE, "dcs:migrationTask:modify")],
)
def test_a_403_names_the_missing_permission(call, action):
    failure = classify(call, answered(403, "DCS.2003"))

    assert failure.hint is not None
    assert action in failure.hint


def test_a_403_about_the_project_points_at_the_project():
    failure = classify(LIST, answered(403, "APIGW.0310"))

    assert failure.hint is not None
    assert "project id" in failure.hint
    assert "permission" not in failure.hint


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("999999", 999999.0),
        ("Mon, 23 Nov 2026 02:15:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 02:00:00 GMT", 0.0),
        ("1000000", None),
        ("-1", 0.0),
        ("-999999", 0.0),
        ("-1000000", None),
        ("--1", None),
        ("+5", None),
        ("1.5", None),
        (" 5", None),
        ("5\n", None),
        ("٣٠", None),
        ("²", None),
        ("9" * 400, None),
        ("Monday, 23-Nov-26 02:15:30 GMT", None),
        ("Mon, 99 Nov 2026 02:15:30 GMT", None),
        ("Tue, 23 Nov 2026 02:15:30 GMT", None),
        ("Mon, 23 Nov 2026 02:15:60 GMT", None),
        ("Mon, 23 Nov 2026 02:15:30 UTC", None),
        ("Mon, 23 Nov 0000 02:15:30 GMT", None),
        ("Mon, 23 Foo 2026 02:15:30 GMT", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_strictly(value, seconds):
    failure = classify(LIST, answered(429, Retry_After=value, Date=DATE))

    assert failure.retry_after_s == seconds


def test_a_date_to_wait_for_counts_from_the_local_clock_if_the_server_shows_none():
    early = replace(answered(429, Retry_After=DATE), received_at=DATE_S - 12.5)

    assert classify(LIST, early).retry_after_s == 12.5
    assert classify(LIST, replace(early, received_at=DATE_S + 9)).retry_after_s == 0.0
    assert classify(LIST, replace(early, received_at=None)).retry_after_s is None


def test_the_servers_own_date_comes_before_the_local_clock():
    late = replace(answered(429, Retry_After="Mon, 23 Nov 2026 02:15:30 GMT", Date=DATE), received_at=DATE_S + 900)

    assert classify(LIST, late).retry_after_s == 30.0


@pytest.mark.parametrize(("second", "seconds"), [("7", 7.0), ("8", None), ("07", None)])
def test_two_hints_count_only_if_they_agree(second, seconds):
    headers = CIMultiDict([("Retry-After", "7"), ("retry-after", second)])

    assert classify(LIST, Answer(status=429, headers=headers, body=b"")).retry_after_s == seconds


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("limit:60,time:1 minute", Rate(count=60, period=60, text="60/m")),
        ("policy user over ratelimit,limit:60,time:1 minute", Rate(count=60, period=60, text="60/m")),
        ("limit:200,time:1 second.", Rate(count=200, period=1, text="200/s")),
        ("Limit:10, Time:1 hour", Rate(count=10, period=3600, text="10/h")),
        ("limit:10,time:5 minutes", Rate(count=10, period=300, text="10 per 300 s")),
        (
            "limit:999999999,time:99999 days",
            Rate(count=999999999, period=8639913600, text="999999999 per 8639913600 s"),
        ),
        ("limit:60,time:1 minute; limit:60,time:60 second", Rate(count=60, period=60, text="60/m")),
        ("limit:60,time:1 minute; limit:5,time:1 second", None),
        ("limit:0,time:1 minute", None),
        ("limit:-1,time:1 minute", None),
        ("limit:1.5,time:1 minute", None),
        ("limit:1e3,time:1 minute", None),
        ("limit:60,time:0 minute", None),
        ("limit:60,time:1 fortnight", None),
        ("limit:60,time:1 minutely", None),
        ("limit:60", None),
        ("xlimit:60,time:1 minute", None),
        ("limit:1234567890,time:1 minute", None),
        ("limit:\u0666\u0660,time:1 minute", None),
        ("", None),
    ],
)
def test_the_limit_that_the_gateway_names_is_learned(text, limit):
    failure = classify(UPDATE, answered(429, "APIGW.0308", f"The throttling threshold has been reached: {text}"))

    assert failure.kind is K.THROTTLED
    assert failure.limit == limit


def test_a_limit_counts_only_where_something_was_throttled():
    assert classify(UPDATE, answered(400, "DCS.4063", "limit:60,time:1 minute")).limit is None


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://login.example.com/x?token=CANARY", " to login.example.com,"),
        ("http://u:CANARY@login.example.com:8080", " to login.example.com,"),
        ("//login.example.com", " to login.example.com,"),
        ("/x/CANARY", ","),
        ("https://CANARY\u202e/", ","),
        ("", ","),
    ],
)
def test_of_a_redirect_only_the_host_is_shown(location, shown):
    failure = classify(LIST, answered(302, Location=location))

    assert f"302, a redirect{shown}" in failure.message
    assert "CANARY" not in failure.message


def test_a_hint_to_wait_counts_for_an_outage_but_not_for_a_refusal():
    assert classify(LIST, answered(503, Retry_After="7")).retry_after_s == 7.0
    assert classify(UPDATE, answered(400, "DCS.4063", Retry_After="7")).retry_after_s is None


def test_the_text_of_a_server_is_made_fit_for_a_terminal():
    failure = classify(UPDATE, answered(400, "DCS.4063", "a\x1b]0;b\x07\r\nc\u202e" + "d" * 1000))

    assert failure.message.isprintable()
    assert len(failure.message) == 300
    assert failure.message.endswith("…")


def test_key_ids_and_what_was_sent_are_masked():
    text = f"ak:{AK},err:ak not exist; you sent TOKEN-abc/def"

    failure = classify(LIST, answered(401, "APIGW.0301", text, secrets=("TOKEN-abc/def",)))

    assert AK not in failure.message
    assert "abc" not in failure.message


def test_a_secret_at_the_cut_does_not_show_in_part():
    secret = "SECRET" * 10
    text = "x" * 230 + secret

    failure = classify(UPDATE, answered(400, "DCS.4063", text, secrets=(secret,)))

    assert "SECRET" not in failure.message


def test_a_raw_body_never_shows():
    failure = classify(LIST, answered(503, body=b"<html>CANARY</html>"))

    assert failure.message == "the task list was answered with 503 Service Unavailable"


def test_the_request_id_comes_from_the_header_or_the_body():
    body = {"error_code": "APIGW.0613", "error_msg": "x", "request_id": "from-body"}

    assert classify(LIST, answered(503, body=body, X_Request_Id="from-header")).request_id == "from-body"
    assert classify(LIST, answered(503, X_Request_Id="from-header")).request_id == "from-header"
    assert classify(LIST, answered(503, x_iam_trace_id="of-iam")).request_id == "of-iam"
    assert classify(LIST, answered(503, X_Request_Id="a\x1b[31m b")).request_id is None


@pytest.mark.parametrize("call", CALLS)
def test_only_a_change_without_an_answer_may_have_happened(call):
    expected = K.LOST if call is UPDATE else K.TRANSIENT

    assert unanswered(call, "x").kind is expected
    assert unusable(call, answered(200), "x").kind is (K.LOST if call is UPDATE else K.PROTOCOL)
