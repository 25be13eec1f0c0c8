"""`enforcer doctor`: what is in the way of a run is named, with what to do and a run's own exit code."""

import ssl
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import trustme

from tests.e2e.policies import nightly
from tests.simulated import simulator
from tests.wire_server import response, saying, serving


def by_check(outcome):
    return {each["check"]: each for each in outcome.json()}


def statuses(outcome):
    return {check: each["status"] for check, each in by_check(outcome).items()}


def test_all_is_well(enforcer):
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("doctor", enforcer.policy(nightly()), "--format", "json", env=cloud.env)

        assert outcome.code == 0, outcome
        assert {check for check, status in statuses(outcome).items() if status != "ok"} == {"modify"}
        assert {request["method"] for request in cloud.requests()} == {"GET"}
        assert not [secret for secret in cloud.secrets if secret in outcome.out + outcome.err]
    assert not enforcer.state.exists()


def test_the_screen_says_what_was_found_and_that_it_is_in_order(enforcer):
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("doctor", env=cloud.env)

    assert outcome.code == 0, outcome
    assert outcome.out.endswith("Everything is in order.\n")
    assert outcome.err == ""


def test_a_key_that_is_refused(enforcer):
    with simulator() as cloud:
        outcome = enforcer("doctor", "--format", "json", env=cloud.env | {"HUAWEICLOUD_SDK_SK": "WrongSecretKey"})

    assert outcome.code == 77, outcome
    assert by_check(outcome)["list"]["exit_code"] == 77
    assert "secret key" in by_check(outcome)["list"]["hint"]
    assert "WrongSecretKey" not in outcome.out


def test_no_credentials_at_all(enforcer):
    outcome = enforcer("doctor", "--format", "json", env={"HW_REGION_NAME": "eu-west-101"})

    assert outcome.code == 78, outcome
    assert list(statuses(outcome)) == ["version", "state", "last run", "credentials"]


def test_a_place_that_nothing_tells(enforcer):
    env = {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "s"}

    assert statuses(enforcer("doctor", "--format", "json", env=env))["targets"] == "fail"


def test_an_endpoint_that_nobody_serves(enforcer):
    with simulator() as cloud:
        env = cloud.env
    outcome = enforcer("doctor", "--format", "json", env=env)

    assert outcome.code == 69, outcome
    assert by_check(outcome)["endpoint"]["status"] == "fail"


KEYS = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK", "HUAWEICLOUD_SDK_PROJECT_ID": "0" * 32}
ONE_TASK = {"count": 1, "migration_tasks": [{"task_id": "1" * 32, "task_name": "pay-1", "status": "RUNNING"}]}
NO_TASK = {"count": 0, "migration_tasks": []}


async def test_a_permission_to_read_one_task_that_is_missing(enforcer):
    refused = response(403, {"error_code": "DCS.4003", "error_msg": "Policy doesn't allow dcs:migrationTask:get"})
    async with serving(saying(response(200, ONE_TASK), refused)) as server:
        outcome = await enforcer.beside("doctor", "--format", "json", "--endpoint", server.url, env=KEYS)

    assert outcome.code == 77, outcome
    assert statuses(outcome)["list"] == "ok"
    assert by_check(outcome)["get"]["exit_code"] == 77


async def test_a_project_without_tasks_has_nothing_to_try_get_on(enforcer):
    async with serving(saying(response(200, NO_TASK))) as server:
        outcome = await enforcer.beside("doctor", "--format", "json", "--endpoint", server.url, env=KEYS)

    assert outcome.code == 0, outcome
    assert statuses(outcome)["get"] == "skip"
    assert server.methods == ["GET"]


async def test_a_clock_that_is_off_is_told_with_the_difference(enforcer):
    late = {"Date": format_datetime(datetime.now(UTC) - timedelta(minutes=10), usegmt=True)}
    async with serving(saying(response(200, NO_TASK, late))) as server:
        outcome = await enforcer.beside("doctor", "--format", "json", "--endpoint", server.url, env=KEYS)

    assert outcome.code == 0, outcome
    assert by_check(outcome)["clock"]["status"] == "warn"
    assert "ahead of the server's" in by_check(outcome)["clock"]["message"]


async def test_what_answers_and_is_not_dcs(enforcer):
    async with serving(saying(response(200, "<html>Welcome</html>"))) as server:
        outcome = await enforcer.beside("doctor", "--format", "json", "--endpoint", server.url, env=KEYS)

    assert outcome.code == 76, outcome
    assert by_check(outcome)["endpoint"]["status"] == "fail"


async def test_the_certificate_that_was_accepted_is_named(enforcer):
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", organization_name="Us").configure_cert(context)
    authority.cert_pem.write_to_path(enforcer.folder / "ca.pem")
    async with serving(saying(response(200, NO_TASK)), tls=context) as server:
        line = ("doctor", "--format", "json", "--endpoint", server.url)
        doubted = await enforcer.beside(*line, env=KEYS)
        accepted = await enforcer.beside(*line, "--ca-file", "ca.pem", env=KEYS)
        unreadable = await enforcer.beside(*line, "--ca-file", "nowhere.pem", env=KEYS)

    assert doubted.code == 78, doubted
    assert accepted.code == 0, accepted
    assert "O=Us" in by_check(accepted)["tls"]["message"]
    assert unreadable.code == 78, unreadable
    assert by_check(unreadable)["tls"]["status"] == "fail"


def test_a_proxy_is_named_without_its_password(enforcer):
    line = ("doctor", "--format", "json", "--endpoint", "https://dcs.example.invalid")
    secret = "http://me:hidden@127.0.0.1:1"
    outcome = enforcer(*line, env=KEYS | {"ENFORCER_PROXY": secret})

    assert enforcer(*line, "--proxy", secret, env=KEYS).code == 64, "who lists the processes would read it"
    assert outcome.code == 78, outcome
    assert by_check(outcome)["proxy"]["message"] == "http://127.0.0.1:1"
    assert "hidden" not in outcome.out + outcome.err
