"""What an answer means, case by case."""

import json

import pytest
from multidict import CIMultiDict

from enforcer.dcs.call import CALLS, LIST, PROJECTS, SHOW, TOKEN, UPDATE, Answer
from enforcer.dcs.failures import classify, unanswered, unusable
from enforcer.model.answer import FailureKind as K

AK = "AKIDEXAMPLE0000000001"
DATE = "Mon, 23 Nov 2026 02:15:00 GMT"


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


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        ("999999", 999999.0),
        ("Mon, 23 Nov 2026 02:15:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 02:00:00 GMT", 0.0),
        ("1000000", None),
        ("-1", None),
        ("+5", None),
        ("1.5", None),
        (" 5", None),
        ("5\n", None),
        ("٣٠", None),
        ("²", None),
        ("9" * 400, None),
        ("Monday, 23-Nov-26 02:15:30 GMT", None),
        ("Mon, 99 Nov 2026 02:15:30 GMT", None),
        ("soon", None),
        ("", None),
    ],
)
def test_retry_after_is_read_strictly(value, seconds):
    failure = classify(LIST, answered(429, Retry_After=value, Date=DATE))

    assert failure.retry_after_s == seconds


def test_a_date_to_wait_for_is_no_use_without_the_servers_own():
    assert classify(LIST, answered(429, Retry_After=DATE)).retry_after_s is None


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
