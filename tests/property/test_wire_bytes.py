"""Whatever bytes a server sends over a real connection, every call ends in a value or in one of our errors."""

import asyncio
import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from enforcer.dcs.access.identity import Password, Secret
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.client import connect
from enforcer.errors import EnforcerError, ExitCode
from enforcer.model.answer import Failure, FailureKind, Page, Reply
from enforcer.model.task import ResumeMode, Task
from tests.wire_client import ID, KEY, PAGE, PROJECT, QUICK, client_of
from tests.wire_server import saying_and_closing, serving

PASSWORD = Password(source="env", origin="U, P, D", user="u", password=Secret("CANARY-PW"), domain="d")
EXPECTED = {ExitCode.UNAVAILABLE, ExitCode.PROTOCOL, ExitCode.DENIED, ExitCode.CONFIG}

names = st.sampled_from(
    [
        b"Content-Length",
        b"Transfer-Encoding",
        b"Content-Encoding",
        b"Content-Type",
        b"Connection",
        b"Location",
        b"Date",
        b"Retry-After",
        b"Set-Cookie",
        b"Upgrade",
        b"X-Request-Id",
        b"X-Subject-Token",
    ]
)
values = st.binary(max_size=30) | st.sampled_from(
    [
        b"0",
        b"2",
        b"7, 8",
        b"chunked",
        b"gzip",
        b"identity",
        b"close",
        b"https://x.example/",
        b"Mon, 23 Nov 2026 02:15:00 GMT",
    ]
)
documents = st.sampled_from(
    [
        {},
        PAGE,
        {"task_id": ID, "resume_mode": "auto"},
        {"error_code": "DCS.4133", "error_msg": "no"},
        {"error_code": "APIGW.0308", "error_msg": "limit:60,time:1 minute"},
        {"error": {"code": "APIGW.0301", "message": "CANARY"}},
        {"token": {"expires_at": "2026-11-09T01:42:57.527363Z", "project": {"id": PROJECT}}},
        {"projects": [{"id": PROJECT, "name": "r"}]},
    ]
).map(lambda value: json.dumps(value).encode())


@st.composite
def answers(draw):
    """Return the bytes of something like an answer: whole, cut, or with a length that is not its own."""
    status = draw(st.integers(100, 999) | st.sampled_from([200, 201, 204, 401, 429, 503]))
    body = draw(documents | st.binary(max_size=60))
    headers = draw(st.lists(st.tuples(names, values), max_size=4))
    if draw(st.booleans()):
        headers.append((b"Content-Length", str(len(body)).encode()))
    lines = [b"HTTP/1.1 %d X" % status, *(b"%s: %s" % header for header in headers), b"", b""]
    whole = b"\r\n".join(lines) + body
    return whole[: draw(st.integers(0, len(whole)))] if draw(st.integers(0, 3)) == 0 else whole


anything = answers() | st.binary(max_size=200)
# Each example is a server and a client: some milliseconds, and now and then a time-out.
patient = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@patient
@given(answer=anything)
def test_every_call_of_the_service_ends_in_a_value(answer):
    async def ask():
        results = []
        async with serving(saying_and_closing(answer)) as server:
            for call in (
                lambda client: client.list_page(offset=0, limit=1),
                lambda client: client.show(ID),
                lambda client: client.set_mode(ID, ResumeMode.AUTO),
            ):
                async with client_of(server.url, timeouts=QUICK) as client:
                    results.append(await call(client))
        return results, server.methods

    (listed, shown, changed), methods = asyncio.run(ask())

    assert methods == ["GET", "GET", "PUT"]
    for result in (listed, shown, changed):
        assert isinstance(result, Reply | Failure)
        if isinstance(result, Failure):
            assert result.message.isprintable()
            assert "CANARY-" not in repr(result)
    if isinstance(listed, Reply):
        assert isinstance(listed.value, Page)
        assert b"migration_tasks" in answer
    if isinstance(shown, Reply):
        assert isinstance(shown.value, Task)
        assert shown.value.task_id == ID
    if isinstance(changed, Reply):
        assert changed.http_status in {200, 202, 204}
    else:
        assert changed.kind is not FailureKind.NOT_SENT


@patient
@given(answer=anything, credentials=st.sampled_from([KEY, PASSWORD]))
def test_every_call_of_iam_ends_in_a_project_or_in_an_error_of_ours(answer, credentials):
    async def ask():
        async with (
            serving(saying_and_closing(answer)) as server,
            connect(
                target_name="prod",
                endpoint="http://127.0.0.1:9",
                iam_endpoint=server.url,
                region="r",
                project_id=None,
                identity=Identity(credentials),
                ca_file=None,
                proxy=None,
                timeouts=QUICK,
            ) as client,
        ):
            return client.project_id

    ended: EnforcerError | str
    try:
        ended = asyncio.run(ask())
    except EnforcerError as error:
        ended = error

    if isinstance(ended, EnforcerError):
        assert ended.exit_code in EXPECTED
        assert "CANARY-" not in f"{ended.message}{ended.hint}"
    else:
        assert ended == PROJECT
