"""What the simulator promises of DCS, IAM and the gateway, over raw HTTP and with IAM tokens."""

import contextlib
import http.client
import re
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from enforcer.simulator import signature
from tests.simulated import simulator


class Answer:
    def __init__(self, response: http.client.HTTPResponse, text: bytes) -> None:
        self.status = response.status
        self.headers = response.headers
        self.text = text

    @property
    def json(self):
        return msgspec.json.decode(self.text)

    @property
    def refusal(self):
        return self.status, self.json["error_code"]


def call(cloud, method, path, body=None, headers=None):
    with contextlib.closing(http.client.HTTPConnection("127.0.0.1", cloud.stand.port, timeout=60)) as connection:
        connection.request(method, path, body, {"Connection": "close"} | (headers or {}))
        response = connection.getresponse()
        return Answer(response, response.read())


def password_body(cloud, *, scope=None, **changed):
    given = {"name": cloud.user, "password": cloud.password, "domain": {"name": cloud.domain}} | changed
    auth = {"identity": {"methods": ["password"], "password": {"user": given}}}
    return msgspec.json.encode({"auth": auth if scope is None else auth | {"scope": {"project": scope}}})


def token_for(cloud, scope=None):
    body = password_body(cloud, scope=scope or {"id": cloud.project_id})
    return call(cloud, "POST", "/v3/auth/tokens", body).headers["X-Subject-Token"]


def signed(cloud, method, target, *, at=None, ak=None, body=b""):
    """Headers as AK/SK signing makes them; the official signer's word on this is in test_simulator_sdk."""
    date = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": f"127.0.0.1:{cloud.stand.port}", "x-sdk-date": date}
    canonical = signature.canonical_request(
        method=method, target=target, headers=headers, signed_headers=tuple(headers), body=body
    )
    proof = signature.expected(sk=cloud.sk, date=date, canonical=canonical)
    names = ";".join(headers)
    return headers | {
        "Authorization": f"SDK-HMAC-SHA256 Access={ak or cloud.ak}, SignedHeaders={names}, Signature={proof}"
    }


class Caller:
    """Someone with a token for the project."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.token = token_for(cloud)

    def list(self, query=""):
        return self.call("GET", f"/v2/{self.cloud.project_id}/migration-tasks{query}")

    def show(self, task_id):
        return self.call("GET", f"/v2/{self.cloud.project_id}/migration-task/{task_id}")

    def put(self, task_id, body=b'{"resume_mode":"auto"}'):
        return self.call("PUT", f"/v2/{self.cloud.project_id}/migration-task/{task_id}", body)

    def call(self, method, path, body=None):
        return call(self.cloud, method, path, body, {"X-Auth-Token": self.token})


@pytest.fixture(scope="module")
def plain():
    """A simulator for tests that change nothing others look at."""
    with simulator(tasks=35) as cloud:
        yield cloud


@pytest.fixture(scope="module")
def caller(plain):
    return Caller(plain)


def ids(answer):
    return [row.get("task_id") for row in answer.json["migration_tasks"]]


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ("", slice(0, 10)),
        ("?limit=1000", slice(0, 35)),
        ("?limit=20&offset=20", slice(20, 35)),
        ("?offset=3&limit=1", slice(3, 4)),
        ("?offset=35&limit=10", slice(35, 35)),
        ("?offset=1000000", slice(35, 35)),
    ],
)
def test_pages_are_slices_of_one_stable_list_and_count_is_its_length(plain, caller, query, rows):
    answer = caller.list(query)

    assert answer.status == 200
    assert ids(answer) == [task["task_id"] for task in plain.tasks()][rows]
    assert answer.json["count"] == 35


@pytest.mark.parametrize(
    "query", ["?limit=0", "?limit=1001", "?limit=-1", "?limit=ten", "?limit=", "?offset=-1", "?offset=1.5", "?offset=x"]
)
def test_paging_out_of_range_is_refused(caller, query):
    answer = caller.list(query)

    assert answer.refusal == (400, "111400063")
    assert set(answer.json) == {"error_code", "error_msg", "error_ext_msg"}


def test_the_name_filter_finds_parts_of_names(caller):
    names = {row["task_name"] for row in caller.list("?name=wan&limit=100").json["migration_tasks"]}

    assert names
    assert all("-wan-" in name for name in names)


def test_a_row_has_the_documented_fields(caller):
    (row,) = caller.list("?limit=1").json["migration_tasks"]

    assert set(row) == {
        *("task_id", "task_name", "status", "migration_type", "migration_method", "ecs_tenant_private_ip"),
        *("data_source", "target_instance_addrs", "created_at", "description", "error_message", "released_at"),
        *("version", "resume_mode", "supported_features"),
        *(
            f"{side}_instance_{field}"
            for side in ("source", "target")
            for field in ("id", "name", "status", "subnet_id", "spec_code")
        ),
    }


def test_a_server_may_put_fewer_rows_on_a_page_than_asked():
    with simulator(tasks=35, max_page=7) as cloud:
        answer = Caller(cloud).list("?limit=1000")

        assert (len(ids(answer)), answer.json["count"]) == (7, 35)


def test_rows_may_lack_the_mode_that_the_details_have():
    with simulator(tasks=35, missing_mode=1.0) as cloud:
        caller = Caller(cloud)
        row = caller.list().json["migration_tasks"][0]

        assert "resume_mode" not in row
        assert caller.show(row["task_id"]).json["resume_mode"] in {"auto", "manual"}


def test_details_carry_readable_passwords_that_can_be_looked_for(plain, caller):
    shown = caller.show(plain.tasks()[0]["task_id"]).json

    assert all(shown[side]["password"].startswith("SimRedisPw-") for side in ("source_instance", "target_instance"))
    assert "SimRedisPw-" in plain.secrets
    assert "SimRedisPw-" not in caller.list("?limit=1000").text.decode()


def test_hostile_rows_are_listed_with_the_sound_ones():
    with simulator(tasks=10, hostile=True) as cloud:
        rows = Caller(cloud).list("?limit=1000").json["migration_tasks"]

        assert len(rows) > 30
        assert [row for row in rows if "task_id" not in row]
        assert ".." in [row.get("task_id") for row in rows]


def a_task(cloud, **wanted):
    return next(task["task_id"] for task in cloud.tasks() if all(task[name] == value for name, value in wanted.items()))


@pytest.mark.parametrize(
    ("body", "mode"), [(b'{"resume_mode":"auto"}', "auto"), (b"{}", "auto"), (b'{"resume_mode":"manual"}', "manual")]
)
def test_a_put_stores_the_mode_and_no_mode_means_auto(body, mode):
    with simulator(tasks=12) as cloud:
        task_id = a_task(cloud, resume_mode="manual" if mode == "auto" else "auto")
        answer = Caller(cloud).put(task_id, body)

        assert (answer.status, answer.text) == (200, b"")
        assert cloud.task(task_id)["resume_mode"] == mode


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "DCS.4004"),
        (b"", "DCS.4004"),
        (b"{", "DCS.4005"),
        (b"\xff", "DCS.4005"),
        (b"[]", "DCS.4005"),
        (b'{"resume_mode":"AUTO"}', "DCS.4063"),
        (b'{"resume_mode":null}', "DCS.4063"),
        (b'{"resume_mode":["auto"]}', "DCS.4063"),
    ],
)
def test_a_bad_body_is_refused_and_changes_nothing(plain, caller, body, code):
    before = plain.tasks()
    answer = caller.put(before[0]["task_id"], body)

    assert answer.refusal == (400, code)
    assert plain.tasks() == before


@pytest.mark.parametrize("task_id", ["x", "..%2fmigration-tasks", "0" * 31, "g" * 32, "a" * 200])
def test_a_malformed_id_is_refused(caller, task_id):
    assert caller.put(task_id).refusal == (400, "DCS.4070")
    assert caller.show(task_id).refusal == (400, "DCS.4070")


def test_an_unknown_task_is_a_400(caller):
    assert caller.put("0" * 32).refusal == (400, "DCS.4133")
    assert caller.show("0" * 32).refusal == (400, "DCS.4133")


def test_a_share_of_puts_fails_before_anything_is_stored():
    with simulator(tasks=40, fail="50%") as cloud:
        caller = Caller(cloud)
        before = {task["task_id"]: task["resume_mode"] for task in cloud.tasks()}
        answers = {
            task_id: caller.put(task_id, b'{"resume_mode":"%s"}' % (b"manual" if mode == "auto" else b"auto"))
            for task_id, mode in before.items()
        }
        failed = {task_id for task_id, answer in answers.items() if answer.status != 200}

        assert {answers[task_id].refusal for task_id in failed} == {
            (500, "DCS.5000"),
            (502, "APIGW.0201"),
            (503, "APIGW.0613"),
        }
        assert 10 < len(failed) < 30
        assert {task["task_id"] for task in cloud.tasks() if task["resume_mode"] == before[task["task_id"]]} == failed


def test_a_repeated_put_gets_another_chance():
    with simulator(tasks=12, fail="50%") as cloud:
        caller = Caller(cloud)
        task_id = cloud.tasks()[0]["task_id"]

        assert 200 in {caller.put(task_id).status for _ in range(30)}


def test_an_answer_of_200_may_be_a_lie():
    with simulator(tasks=12, ack_without_apply=1.0) as cloud:
        task_id = a_task(cloud, resume_mode="manual")

        assert Caller(cloud).put(task_id).status == 200
        assert cloud.task(task_id)["resume_mode"] == "manual"


def test_a_task_may_vanish_before_its_put():
    with simulator(tasks=12, vanish=1) as cloud:
        caller = Caller(cloud)
        first, second = (task["task_id"] for task in cloud.tasks()[:2])

        assert [caller.put(first).refusal, caller.put(first).refusal] == [(400, "DCS.4133")] * 2
        assert caller.put(second).status == 200
        assert first not in ids(caller.list("?limit=100"))


def test_a_switch_to_auto_may_lead_through_a_full_sync():
    with simulator(tasks=12, full_sync_share=1.0, full_sync_for="100ms") as cloud:
        caller = Caller(cloud)
        task_id = a_task(cloud, resume_mode="manual", status="INCRMIGEATING")
        before = time.monotonic()
        caller.put(task_id)
        seen = [caller.show(task_id).json["status"]]
        while seen[-1] == "FULLMIGRATING":
            seen.append(caller.show(task_id).json["status"])

        assert seen[0] == "FULLMIGRATING"
        assert seen[-1] == "INCRMIGEATING"
        assert time.monotonic() - before >= 0.1


def test_a_token_says_how_long_it_is_good_and_for_what(plain):
    answer = call(plain, "POST", "/v3/auth/tokens?nocatalog=true", password_body(plain, scope={"name": plain.region}))
    token = answer.json["token"]
    lifetime = datetime.fromisoformat(token["expires_at"]) - datetime.fromisoformat(token["issued_at"])

    assert answer.status == 201
    assert len(answer.headers["X-Subject-Token"]) > 500
    assert lifetime == timedelta(hours=24)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", token["expires_at"])
    assert token["project"]["id"] == plain.project_id


@pytest.mark.parametrize("changed", [{"password": "wrong"}, {"name": "nobody"}, {"domain": {"name": "elsewhere"}}])
def test_a_wrong_password_gets_no_token(plain, changed):
    answer = call(plain, "POST", "/v3/auth/tokens", password_body(plain, **changed))

    assert answer.status == 401
    assert answer.json["error"] == {
        "code": 401,
        "message": "The username or password is wrong.",
        "title": "Unauthorized",
    }
    assert "X-Subject-Token" not in answer.headers


def test_a_token_for_an_unknown_project_is_refused(plain):
    answer = call(plain, "POST", "/v3/auth/tokens", password_body(plain, scope={"name": "atlantis"}))

    assert answer.status == 401
    assert "atlantis" in answer.json["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b'{"auth": 1}', b'{"auth":{"identity":{"methods":[]}}}'])
def test_a_bad_token_request_is_a_400(plain, body):
    answer = call(plain, "POST", "/v3/auth/tokens", body)

    assert answer.status == 400
    assert answer.json["error"]["title"] == "Bad Request"


def test_projects_are_found_by_the_name_of_the_region(plain, caller):
    found = caller.call("GET", f"/v3/projects?name={plain.region}").json["projects"]
    nothing = caller.call("GET", "/v3/projects?name=atlantis").json["projects"]
    everything = caller.call("GET", "/v3/projects").json["projects"]

    assert [(project["id"], project["name"]) for project in found] == [(plain.project_id, plain.region)]
    assert nothing == []
    assert len(everything) == 2


def test_a_token_of_another_project_or_of_none_does_not_open_this_one(plain):
    path = f"/v2/{plain.project_id}/migration-tasks"
    other = token_for(plain, {"id": plain.other_project_id})
    unscoped = call(plain, "POST", "/v3/auth/tokens", password_body(plain)).headers["X-Subject-Token"]

    assert call(plain, "GET", path, headers={"X-Auth-Token": other}).refusal == (401, "DCS.1004")
    assert call(plain, "GET", path, headers={"X-Auth-Token": unscoped}).refusal == (401, "DCS.1004")


def test_the_other_project_has_no_tasks_to_offer(plain):
    path = f"/v2/{plain.other_project_id}/migration-tasks"
    other = token_for(plain, {"id": plain.other_project_id})

    assert call(plain, "GET", path, headers={"X-Auth-Token": other}).refusal == (403, "APIGW.0310")
    assert call(plain, "GET", path, headers=signed(plain, "GET", path)).refusal == (403, "APIGW.0310")


def test_a_malformed_project_id_is_a_400(plain, caller):
    assert caller.call("GET", "/v2/%7Bproject_id%7D/migration-tasks").refusal == (400, "DCS.4002")


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "x-auth-token not found"),
        ({"X-Auth-Token": "made up"}, "decrypt token fail"),
        ({"Authorization": "Basic dTpw"}, "verify aksk signature fail"),
    ],
)
def test_nobody_in_particular_is_refused_with_the_reason(plain, headers, reason):
    answer = call(plain, "GET", f"/v2/{plain.project_id}/migration-tasks", headers=headers)

    assert answer.refusal == (401, "APIGW.0301")
    assert reason in answer.json["error_msg"]
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


def test_an_expired_token_has_to_be_renewed():
    with simulator(token_for=0.0) as cloud:
        assert Caller(cloud).list().refusal == (401, "APIGW.0307")


@pytest.mark.parametrize("minutes", [-14, 0, 14])
def test_a_clock_may_differ_by_less_than_fifteen_minutes(plain, minutes):
    path = f"/v2/{plain.project_id}/migration-tasks"
    headers = signed(plain, "GET", path, at=datetime.now(UTC) + timedelta(minutes=minutes))

    assert call(plain, "GET", path, headers=headers).status == 200


@pytest.mark.parametrize("minutes", [-16, 16, 60 * 24])
def test_a_clock_that_differs_by_more_is_refused(plain, minutes):
    path = f"/v2/{plain.project_id}/migration-tasks"
    headers = signed(plain, "GET", path, at=datetime.now(UTC) + timedelta(minutes=minutes))
    answer = call(plain, "GET", path, headers=headers)

    assert answer.refusal == (401, "APIGW.0303")
    assert "signature expired" in answer.json["error_msg"]


def test_credentials_may_be_withdrawn_midway():
    with simulator(tasks=12, deny_after=2) as cloud:
        caller = Caller(cloud)
        path = f"/v2/{cloud.project_id}/migration-tasks"

        assert [caller.list().status for _ in range(3)] == [200, 200, 401]
        assert call(cloud, "GET", path, headers=signed(cloud, "GET", path)).refusal == (401, "APIGW.0301")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/"), ("GET", "/v1/x"), ("DELETE", "/v2/{}/migration-tasks"), ("POST", "/v3/projects")]
)
def test_an_unknown_address_or_method_is_the_gateways_404(plain, caller, method, path):
    answer = caller.call(method, path.format(plain.project_id))

    assert answer.refusal == (404, "APIGW.0101")
    assert answer.headers["X-Request-Id"]


@pytest.mark.parametrize(
    ("flags", "text", "hint"),
    [
        ({"limit": "3/m"}, "policy user over ratelimit,limit:3,time:1 minute", None),
        ({"limit": "3/h", "retry_after": 7}, "policy user over ratelimit,limit:3,time:1 hour", "7"),
    ],
)
def test_more_than_the_limit_is_throttled(flags, text, hint):
    with simulator(tasks=12, **flags) as cloud:
        caller = Caller(cloud)
        answers = [caller.list() for _ in range(4)]

        assert [answer.status for answer in answers] == [200, 200, 429, 429]
        assert answers[3].refusal == (429, "APIGW.0308")
        assert answers[3].json["error_msg"] == f"The throttling threshold has been reached: {text}"
        assert answers[3].headers["Retry-After"] == hint


def test_a_body_over_twelve_megabytes_is_not_read(plain, caller):
    assert caller.put("0" * 32, b" " * (12 * 1024 * 1024 + 1)).refusal == (413, "APIGW.0201")


def test_every_answer_is_held_back_for_the_latency():
    with simulator(tasks=12, latency="60ms") as cloud:
        before = time.monotonic()
        Caller(cloud).list()  # a token and a list

        assert time.monotonic() - before >= 0.12


def test_it_remembers_what_it_was_sent_in_order_of_arrival_and_what_it_answered(plain):
    caller = Caller(plain)
    known = len(plain.requests())
    caller.list("?limit=5&offset=0")
    caller.put("0" * 32, b'{"resume_mode":"manual"}')
    listed, put = plain.requests()[known:]

    assert (listed["method"], listed["query"], listed["body"], listed["status"]) == ("GET", "limit=5&offset=0", "", 200)
    assert put["path"] == f"/v2/{plain.project_id}/migration-task/{'0' * 32}"
    assert (put["method"], put["body"], put["status"]) == ("PUT", '{"resume_mode":"manual"}', 400)
    assert listed["at"] < put["at"] <= time.monotonic()


def test_it_knows_how_many_requests_were_on_their_way_at_once():
    with simulator(tasks=12, latency="300ms") as cloud:
        caller = Caller(cloud)
        with ThreadPoolExecutor(5) as pool:
            list(pool.map(lambda _: caller.list(), range(5)))

        assert cloud.peak_in_flight == 5


def test_a_person_can_edit_a_task():
    with simulator(tasks=12) as cloud:
        task_id = cloud.tasks()[0]["task_id"]
        cloud.edit(task_id, status="SUCCESS", resume_mode="auto")
        shown = Caller(cloud).show(task_id).json

        assert (shown["status"], shown["resume_mode"]) == ("SUCCESS", "auto")


@pytest.mark.parametrize(
    ("task_id", "body", "status"),
    [("0" * 32, b"{}", 404), ("{}", b"[]", 400), ("{}", b'{"task_id":"other"}', 400)],
)
def test_an_edit_that_makes_no_sense_is_refused(plain, task_id, body, status):
    path = f"/_simulator/tasks/{task_id.format(plain.tasks()[0]['task_id'])}"

    assert call(plain, "POST", path, body).status == status
