"""Every way to say who asks: keys, temporary keys, a token, a password, a profile; and the project looked up."""

import contextlib
import http.client

import msgspec
import pytest

from tests.e2e.policies import drifting, nightly
from tests.simulated import simulator


def test_temporary_keys_go_with_their_security_token(enforcer):
    with simulator(drift=0.2, temporary_keys=True) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}


def test_a_password_becomes_a_token_of_the_region_s_project(enforcer):
    with simulator(drift=0.2) as cloud:
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=cloud.env_of_password)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert [request["path"] for request in cloud.requests()].count("/v3/auth/tokens") == 1
        assert enforcer.report()["targets"][0]["project_id"] == cloud.project_id


@pytest.mark.parametrize("name", ["HW_AUTH_TOKEN", "OS_AUTH_TOKEN"])
def test_a_token_of_the_environment_is_shown_as_it_is(enforcer, name):
    with simulator(drift=0.2) as cloud:
        env = cloud.env_of_place | {name: token_of(cloud, cloud.project_id), "HW_PROJECT_ID": cloud.project_id}
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}


def test_the_project_is_looked_up_by_its_region(enforcer):
    with simulator(drift=0.2) as cloud:
        env = {name: value for name, value in cloud.env.items() if name != "HUAWEICLOUD_SDK_PROJECT_ID"}
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}
        assert cloud.requests()[0]["path"] == "/v3/projects"
        assert enforcer.report()["targets"][0]["project_id"] == cloud.project_id


@pytest.mark.parametrize("chosen", [(), ("--credentials", "profile")], ids=["found", "chosen"])
def test_a_profile_has_the_keys_and_the_project(enforcer, chosen):
    profile = enforcer.home / ".huaweicloud" / "credentials"
    profile.parent.mkdir()
    with simulator(drift=0.2) as cloud:
        profile.write_text(f"[basic]\nak = {cloud.ak}\nsk = {cloud.sk}\nproject_id = {cloud.project_id}\n")
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", *chosen, env=cloud.env_of_place)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}


@pytest.mark.parametrize(("access", "secret"), [("HW_ACCESS_KEY", "HW_SECRET_KEY"), ("OS_ACCESS_KEY", "OS_SECRET_KEY")])
def test_keys_have_several_names(enforcer, access, secret):
    with simulator(drift=0.1) as cloud:
        env = cloud.env_of_place | {access: cloud.ak, secret: cloud.sk, "OS_PROJECT_ID": cloud.project_id}
        outcome = enforcer("plan", enforcer.policy(nightly()), env=env)

    assert outcome.code == 0, outcome


def test_flags_are_enough_besides_the_keys(enforcer):
    with simulator(drift=0.2) as cloud:
        env = {"HUAWEICLOUD_SDK_AK": cloud.ak, "HUAWEICLOUD_SDK_SK": cloud.sk}
        where = ("--endpoint", cloud.endpoint, "--region", cloud.region, "--project-id", cloud.project_id)
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", *where, env=env)

        assert outcome.code == 0, outcome
        assert drifting(cloud.tasks()) == {}


def token_of(cloud, project_id):
    """Return a token that IAM gives for a project, as a person would get it with curl."""
    user = {"name": cloud.user, "password": cloud.password, "domain": {"name": cloud.domain}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = {"auth": {"identity": identity, "scope": {"project": {"id": project_id}}}}
    host, _, port = cloud.iam_endpoint.removeprefix("http://").partition(":")
    with contextlib.closing(http.client.HTTPConnection(host, int(port), timeout=60)) as connection:
        connection.request("POST", "/v3/auth/tokens", msgspec.json.encode(body), {"Connection": "close"})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 201
        return answer.headers["X-Subject-Token"]
