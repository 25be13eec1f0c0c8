"""Exit codes 77 and 78: credentials that are refused, and settings with which nobody can even be asked."""

import ssl

import pytest
import trustme

from tests.e2e.policies import adds_up, nightly, target
from tests.e2e.test_credentials import token_of
from tests.simulated import simulator
from tests.wire_server import response, saying, serving

NAMES = (
    *("HUAWEICLOUD_SDK_AK", "HUAWEICLOUD_SDK_SK", "HW_ACCESS_KEY", "HW_SECRET_KEY", "OS_ACCESS_KEY", "OS_SECRET_KEY"),
    *("HW_AUTH_TOKEN", "OS_AUTH_TOKEN", "HW_USER_NAME", "HW_USER_PASSWORD", "HW_DOMAIN_NAME", "OS_USERNAME"),
    ".huaweicloud/credentials",
)


def wrong_secret_key(cloud):
    return cloud.env | {"HUAWEICLOUD_SDK_SK": "WrongSecretKey"}


def unknown_access_key(cloud):
    return cloud.env | {"HUAWEICLOUD_SDK_AK": "UnknownAccessKey"}


def permanent_use_of_temporary_keys(cloud):
    return cloud.env | {"HUAWEICLOUD_SDK_SECURITY_TOKEN": "WrongSecurityToken"}


def someone_else_s_project(cloud):
    return cloud.env | {"HUAWEICLOUD_SDK_PROJECT_ID": cloud.other_project_id}


def token_of_another_project(cloud):
    token = token_of(cloud, cloud.other_project_id)
    return cloud.env_of_place | {"HW_AUTH_TOKEN": token, "HW_PROJECT_ID": cloud.project_id}


def no_token_at_all(cloud):
    return cloud.env_of_place | {"HW_AUTH_TOKEN": "WrongToken", "HW_PROJECT_ID": cloud.project_id}


def wrong_password(cloud):
    return cloud.env_of_password | {"HW_USER_PASSWORD": "WrongPassword"}


@pytest.mark.parametrize(
    "environment",
    [
        wrong_secret_key,
        unknown_access_key,
        permanent_use_of_temporary_keys,
        someone_else_s_project,
        token_of_another_project,
        no_token_at_all,
        wrong_password,
    ],
)
def test_refused_credentials_end_the_run_after_the_first_answer(enforcer, environment):
    with simulator(drift=0.2) as cloud:
        env = environment(cloud)
        before = len(cloud.requests())
        outcome = enforcer("apply", enforcer.policy(nightly()), "--yes", env=env)

        assert outcome.code == 77, outcome
        assert len(cloud.requests()) - before == 1
        assert adds_up(enforcer.report())
        assert enforcer.report()["exit"] == {"code": 77, "name": "denied"}
    shown = outcome.out + outcome.err
    assert not [word for word in ("WrongSe", "WrongTo", "WrongPa", "UnknownA") if word in shown]


def test_credentials_withdrawn_midway_stop_all_sending(enforcer):
    with simulator(drift=1.0, deny_after=6) as cloud:
        # To manual only: a task that is to go to auto is looked at before the first change.
        policy = enforcer.policy(nightly(rate="50/s"))
        outcome = enforcer("apply", policy, "--yes", "--only", "dr-*", "--only", "*-wan-*", env=cloud.env)

        assert outcome.code == 77, outcome
        statuses = [request["status"] for request in cloud.requests()]
        assert statuses[:6] == [200] * 6
        # More than five failures in a row would lock the key.
        assert 1 <= statuses.count(401) <= 3
        report = enforcer.report()
        assert report["totals"]["acked"] == 5
        assert report["totals"]["failed"] == statuses.count(401)
        assert report["totals"]["not_attempted"] == report["totals"]["planned"] - len(cloud.puts())
        assert adds_up(report)


def test_credentials_withdrawn_for_one_target_stop_the_others_too(enforcer):
    # One key serves all targets, and each refusal of it counts towards its lock.
    with simulator(seed=1, drift=1.0, deny_after=3) as east, simulator(seed=1, drift=1.0) as west:
        entries = target("east", east) + target("west", west)
        policy = enforcer.policy(nightly(rate="10/s", targets=f"targets:\n{entries}"))
        env = {"HUAWEICLOUD_SDK_AK": east.ak, "HUAWEICLOUD_SDK_SK": east.sk}
        outcome = enforcer("apply", policy, "--yes", env=env)

        assert outcome.code == 77, outcome
        assert len(west.puts()) < enforcer.report()["targets"][1]["totals"]["planned"]
        assert adds_up(enforcer.report())


def test_without_credentials_the_names_looked_for_are_told_and_no_values(enforcer):
    outcome = enforcer("plan", enforcer.policy(nightly()), env={"HW_DOMAIN_NAME": "acme-corporation"})

    assert outcome.code == 78, outcome
    assert [name for name in NAMES if name not in outcome.err] == []
    assert "acme-corporation" not in outcome.err


@pytest.mark.parametrize(
    ("half", "missing"),
    [
        ({"HUAWEICLOUD_SDK_AK": "half-a-pair"}, "HUAWEICLOUD_SDK_SK"),
        ({"HUAWEICLOUD_SDK_SK": "half-a-pair"}, "HUAWEICLOUD_SDK_AK"),
        ({"HW_ACCESS_KEY": "half-a-pair"}, "HW_SECRET_KEY"),
        ({"HW_USER_NAME": "somebody", "HW_USER_PASSWORD": "half-a-pair"}, "HW_DOMAIN_NAME"),
        ({"HUAWEICLOUD_SDK_AK": "with a blank", "HUAWEICLOUD_SDK_SK": "half-a-pair"}, "HUAWEICLOUD_SDK_AK"),
    ],
    ids=["no SK", "no AK", "no HW SK", "no domain", "blank"],
)
def test_half_of_a_credential_is_named_and_not_shown(enforcer, half, missing):
    with simulator() as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly()), env=cloud.env_of_place | half)

        assert outcome.code == 78, outcome
        assert missing in outcome.err
        assert not [value for value in half.values() if value in outcome.err + outcome.out]
        assert cloud.requests() == []


@pytest.mark.parametrize("content", ["[basic]\nak = the-access-key\n", "ak = the-access-key\n", "\x00\xff[basic\n"])
def test_a_broken_profile_is_named_and_not_shown(enforcer, content):
    profile = enforcer.folder / "profile"
    profile.write_bytes(content.encode("latin-1"))
    with simulator() as cloud:
        env = cloud.env_of_place | {"HUAWEICLOUD_SDK_CREDENTIALS_FILE": str(profile)}
        outcome = enforcer("plan", enforcer.policy(nightly()), env=env)

    assert outcome.code == 78, outcome
    assert str(profile) in outcome.err
    assert "the-access-key" not in outcome.err


@pytest.mark.parametrize(
    "flags",
    [
        ("--endpoint", "http://dcs.example.com"),
        ("--endpoint", "http://127.0.0.1.example.com"),
        ("--endpoint", "ftp://127.0.0.1"),
        ("--endpoint", "nonsense"),
        ("--endpoint", "https://user:hidden@dcs.example.com"),
        ("--iam-endpoint", "http://iam.example.com"),
        ("--region", "Not A Region"),
        ("--project-id", "../other"),
        ("--credentials", "telepathy"),
        ("--endpoint", "https://127.0.0.1:1", "--ca-file", "nowhere.pem"),
        ("--endpoint", "https://dcs.example.invalid", "--proxy", "no proxy"),
        ("--endpoint", "https://dcs.example.invalid", "--proxy", "http://[bad"),
        ("--log-file", "no/such/folder/log"),
    ],
    ids=" ".join,
)
def test_settings_that_cannot_work_are_told_before_anything_is_asked(enforcer, flags):
    with simulator() as cloud:
        outcome = enforcer("plan", enforcer.policy(nightly()), *flags, env=cloud.env)

        assert outcome.code == 78, outcome
        assert "hidden" not in outcome.err + outcome.out
        assert "Traceback" not in outcome.err
        assert cloud.requests() == []


def test_an_iam_endpoint_of_the_environment_is_checked_too(enforcer):
    with simulator() as cloud:
        env = cloud.env_of_password | {"HUAWEICLOUD_SDK_IAM_ENDPOINT": "http://iam.example.com"}
        del env["ENFORCER_IAM_ENDPOINT"]

        assert enforcer("plan", enforcer.policy(nightly()), env=env).code == 78
        assert cloud.requests() == []


def test_without_a_region_or_an_endpoint_there_is_nowhere_to_go(enforcer):
    keys = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK"}
    outcome = enforcer("plan", enforcer.policy(nightly()), env=keys)

    assert outcome.code == 78, outcome
    assert "HW_REGION_NAME" in outcome.err


async def test_a_certificate_counts_only_if_its_authority_is_trusted(enforcer):
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(enforcer.folder / "ca.pem")
    env = {"HUAWEICLOUD_SDK_AK": "AK", "HUAWEICLOUD_SDK_SK": "SK", "HUAWEICLOUD_SDK_PROJECT_ID": "0" * 32}
    policy = enforcer.policy(nightly())
    empty = response(200, {"count": 0, "migration_tasks": []})
    async with serving(saying(empty), tls=context) as server:
        line = ("plan", policy, "--endpoint", server.url)
        doubted = await enforcer.beside(*line, env=env)

        assert doubted.code == 78, doubted
        assert server.ledger == []
        trusted = await enforcer.beside(*line, "--ca-file", "ca.pem", env=env)
        assert trusted.code == 0, trusted
