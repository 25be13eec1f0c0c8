"""What is asked of IAM before the work starts: nothing if it need not be, and one request of each kind at most."""

import json
from contextlib import asynccontextmanager

import pytest

from enforcer.dcs.access.identity import AccessKey, Password, Secret, Token
from enforcer.dcs.access.renewal import Identity
from enforcer.dcs.client import connect
from enforcer.dcs.network.transport import Timeouts
from enforcer.errors import ConfigError, DeniedError, ProtocolError, UnavailableError
from enforcer.model.task import ResumeMode
from tests.wire_server import closing, response, saying, serving

PROJECT = "0123456789abcdef0123456789abcdef"
REGION = "eu-west-101"
KEY = AccessKey(source="env", origin="A, S", access="CANARYAK", secret=Secret("CANARY-SK"))
TOKEN = Token(source="env", origin="T", token=Secret("CANARY-T"))
PASSWORD = Password(source="env", origin="U, P, D", user="alice", password=Secret('CANARY-"p w"'), domain="acme")


def token_answer(project=PROJECT, token="MII-TOKEN"):  # noqa: S107 - made up
    body = {"token": {"expires_at": "2026-11-09T01:42:57.527363Z", "project": {"id": project, "name": REGION}}}
    return response(201, body, {"X-Subject-Token": token} if token is not None else {})


def projects_answer(*pairs):
    return response(200, {"projects": [{"id": project, "name": name} for project, name in pairs]})


@asynccontextmanager
async def connected(iam, credentials, **more):
    """Yield the client and the two servers: IAM, which answers with *iam*, and DCS, which takes everything."""
    async with serving(iam) as iam_server, serving(saying(response())) as dcs_server:
        settings = {"iam_endpoint": iam_server.url, "region": REGION, "project_id": None}
        async with connect(
            target_name="prod",
            endpoint=dcs_server.url,
            identity=Identity(credentials),
            ca_file=None,
            proxy=None,
            timeouts=Timeouts(connect=2, sock_connect=2, answer=2),
            **(settings | more),
        ) as client:
            yield client, iam_server, dcs_server


@pytest.mark.parametrize("credentials", [KEY, TOKEN], ids=["key", "token"])
async def test_nothing_is_asked_when_the_project_is_known(credentials):
    async with connected(closing, credentials, project_id=PROJECT, iam_endpoint=None) as (client, iam, dcs):
        assert client.project_id == PROJECT

    assert iam.connections == dcs.connections == 0


async def test_a_password_becomes_a_token_of_the_regions_project():
    async with connected(saying(token_answer()), PASSWORD) as (client, iam, dcs):
        assert client.project_id == PROJECT
        await client.set_mode("task-1", ResumeMode.AUTO)

    (asked,) = iam.ledger
    assert (asked.method, asked.target) == ("POST", "/v3/auth/tokens?nocatalog=true")
    user = {"name": "alice", "password": 'CANARY-"p w"', "domain": {"name": "acme"}}
    assert json.loads(asked.body) == {
        "auth": {
            "identity": {"methods": ["password"], "password": {"user": user}},
            "scope": {"project": {"name": REGION}},
        }
    }
    assert "authorization" not in asked.headers
    assert dcs.ledger[0].headers["x-auth-token"] == "MII-TOKEN"
    assert dcs.ledger[0].target == f"/v2/{PROJECT}/migration-task/task-1"


async def test_a_password_with_a_project_asks_for_that_project():
    async with connected(saying(token_answer()), PASSWORD, project_id=PROJECT, region=None) as (client, iam, _):
        assert client.project_id == PROJECT

    assert json.loads(iam.ledger[0].body)["auth"]["scope"] == {"project": {"id": PROJECT}}


async def test_a_long_token_is_taken():
    async with connected(saying(token_answer(token="T" * 20_000)), PASSWORD) as (client, _, dcs):
        await client.set_mode("task-1", ResumeMode.AUTO)

    assert len(dcs.ledger[0].headers["x-auth-token"]) == 20_000


async def test_a_token_of_another_project_is_a_mismatch():
    with pytest.raises(ConfigError, match="project mismatch"):
        async with connected(saying(token_answer("f" * 32)), PASSWORD, project_id=PROJECT):
            pass


@pytest.mark.parametrize(
    "answer",
    [
        token_answer(token=None),
        token_answer(token=""),
        token_answer(project=None),
        token_answer(project="../x"),
        response(201, b"<html>"),
        response(201, {}, {"X-Subject-Token": "T"}),
        response(200, {"token": {"project": {"id": PROJECT}}}, {"X-Subject-Token": "T"}),
        response(302, b"", {"Location": "http://127.0.0.1:1/"}),
        response(404),
    ],
    ids=range(9),
)
async def test_what_is_no_token_is_not_taken_for_one(answer):
    with pytest.raises(ProtocolError):
        async with connected(saying(answer), PASSWORD):
            pass


IAM_401 = response(401, {"error": {"code": 401, "message": "The username or password is wrong.", "title": "x"}})


async def test_a_refused_password_is_tried_once():
    async with serving(saying(IAM_401)) as iam:
        with pytest.raises(DeniedError, match=r"username or password is wrong") as caught:
            async with connected(closing, PASSWORD, iam_endpoint=iam.url):
                pass

    assert len(iam.ledger) == 1
    assert "CANARY" not in caught.value.message + str(caught.value.hint)


@pytest.mark.parametrize("answer", [response(500), response(503), response(429)], ids=["500", "503", "429"])
async def test_iam_that_cannot_is_unavailable(answer):
    with pytest.raises(UnavailableError):
        async with connected(saying(answer), PASSWORD):
            pass


async def test_iam_that_breaks_off_is_unavailable_and_asked_once():
    async with serving(closing) as iam:
        with pytest.raises(UnavailableError):
            async with connected(closing, PASSWORD, iam_endpoint=iam.url):
                pass

    assert iam.methods == ["POST"]


@pytest.mark.parametrize("credentials", [KEY, TOKEN], ids=["key", "token"])
async def test_the_project_is_looked_up_by_region(credentials):
    answer = projects_answer(("f" * 32, f"{REGION}_team"), (PROJECT, REGION))
    async with connected(saying(answer), credentials) as (client, iam, _):
        assert client.project_id == PROJECT

    (asked,) = iam.ledger
    assert (asked.method, asked.target) == ("GET", f"/v3/projects?name={REGION}")
    assert "x-project-id" not in asked.headers
    name = "authorization" if credentials is KEY else "x-auth-token"
    assert name in asked.headers


@pytest.mark.parametrize(
    "answer",
    [projects_answer(), projects_answer((PROJECT, REGION), ("f" * 32, REGION)), projects_answer((PROJECT, "other"))],
    ids=["none", "two", "another"],
)
async def test_no_project_or_several_ask_for_the_id(answer):
    with pytest.raises(ConfigError, match=REGION) as caught:
        async with connected(saying(answer), KEY):
            pass

    assert caught.value.hint is not None
    assert "--project-id" in caught.value.hint


@pytest.mark.parametrize(
    "answer",
    [response(200, b"<html>"), response(200, {"projects": {}}), projects_answer(("../x", REGION)), response(200, [])],
    ids=range(4),
)
async def test_what_is_no_list_of_projects_is_not_iam(answer):
    with pytest.raises(ProtocolError):
        async with connected(saying(answer), KEY):
            pass


async def test_a_refused_key_is_denied():
    body = {"error_code": "APIGW.0301", "error_msg": "verify aksk signature fail"}
    with pytest.raises(DeniedError, match="verify aksk") as caught:
        async with connected(saying(response(401, body)), KEY):
            pass

    assert caught.value.hint is not None
    assert "secret key" in caught.value.hint


async def test_without_project_and_region_there_is_nothing_to_ask_for():
    with pytest.raises(ConfigError, match="neither a project id nor a region"):
        async with connected(closing, KEY, region=None):
            pass


async def test_a_password_without_region_needs_the_endpoint_of_iam():
    with pytest.raises(ConfigError, match="a password needs IAM"):
        async with connected(closing, PASSWORD, region=None, project_id=PROJECT, iam_endpoint=None):
            pass
