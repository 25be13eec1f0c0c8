"""No secret stands in anything that the command writes, in whatever disguise: screen, log, reports, journal."""

import base64
import urllib.parse

import pytest

from enforcer.cli.runs.applying import WRITTEN
from enforcer.reports import FORMATS
from tests.e2e.policies import nightly
from tests.e2e.test_credentials import token_of
from tests.inbox import inbox
from tests.simulated import simulator


def by_keys(cloud):
    return cloud.env, ()


def by_password(cloud):
    return cloud.env_of_password, ()


def by_token(cloud):
    token = token_of(cloud, cloud.project_id)
    return cloud.env_of_place | {"HW_AUTH_TOKEN": token, "HW_PROJECT_ID": cloud.project_id}, (token,)


def by_wrong_keys(cloud):
    env = cloud.env | {"HUAWEICLOUD_SDK_AK": "UnknownAccessKey"}
    return env, ("UnknownAccessKey",)


def by_wrong_password(cloud):
    password = "Wr0ng /\"pass\\word' +ä=&"
    return cloud.env_of_password | {"HW_USER_PASSWORD": password}, (password,)


@pytest.mark.parametrize(
    ("way", "flags", "code"),
    [
        pytest.param(by_keys, {"drift": 0.2, "missing_mode": 1.0}, 0, id="details with passwords"),
        pytest.param(by_keys, {"drift": 0.5, "temporary_keys": True, "fail": "30%", "seed": 3}, 0, id="temporary keys"),
        pytest.param(by_password, {"drift": 0.2}, 0, id="password"),
        pytest.param(by_token, {"drift": 0.2}, 0, id="token"),
        pytest.param(by_token, {"token_for": "0s"}, 77, id="expired token"),
        pytest.param(by_wrong_keys, {}, 77, id="wrong keys"),
        pytest.param(by_wrong_password, {}, 77, id="wrong password"),
        pytest.param(by_keys, {"drift": 1.0, "deny_after": 4}, 77, id="keys withdrawn midway"),
        pytest.param(by_keys, {"hostile": True}, 3, id="hostile rows"),
    ],
)
def test_nothing_that_is_written_has_a_secret_in_it(enforcer, way, flags, code):
    with simulator(**flags) as cloud:
        env, more = way(cloud)
        log = ("--log-level", "debug")
        planned = enforcer("plan", enforcer.policy(nightly()), *log, env=env)
        applied = enforcer("apply", enforcer.policy(nightly()), "--yes", *log, "--log-file", "log.jsonl", env=env)
        shown = [enforcer("runs", "report", "2", "--format", form) for form in FORMATS]

    assert applied.code == code, applied
    assert {outcome.code for outcome in shown} == {0}
    assert found_in(enforcer, (planned, applied, *shown), (*cloud.secrets, *more)) == []


def test_nothing_that_is_written_has_the_address_of_a_service_in_it(enforcer):
    secret = "T0kenOfTheHook/ä+1"
    policy = enforcer.policy(nightly())
    log = ("--log-level", "debug", "--log-file", "log.jsonl")
    with simulator(drift=0.2) as cloud, inbox(secret="Taken0penly") as found, inbox(status=500, secret="Refus3d") as no:
        quoted = urllib.parse.quote(secret, safe="")
        urls = (
            f"{found.url} {no.url} nosuch://{secret} slack://{secret} json://u:{quoted}@127.0.0.1:1/{quoted}?verify=no"
        )
        env = cloud.env | {"ENFORCER_NOTIFY_URLS": urls}
        applied = enforcer("apply", policy, "--yes", "--notify", "always", *log, env=env)
        doctor = enforcer("doctor", policy, "--try-notify", env=env)
        shown = [enforcer("runs", "report", "last", "--format", form) for form in FORMATS]

    assert applied.code == 0, applied
    assert len(found.messages) == len(no.messages) == 2
    assert found_in(enforcer, (applied, doctor, *shown), (secret, "Taken0penly", "Refus3d")) == []


def found_in(enforcer, outcomes, secrets):
    """Return the disguises of *secrets* in what *outcomes* show and in all files, of which there have to be some."""
    written = [outcome.out_bytes + outcome.err_bytes for outcome in outcomes]
    files = [path for path in enforcer.folder.rglob("*") if path.is_file()]
    assert {"log.jsonl", "journal.db", *WRITTEN} <= {path.name for path in files}
    everything = b"\n".join([*written, *(path.read_bytes() for path in files)])
    return [disguise for secret in secrets for disguise in disguises(secret) if disguise in everything]


def test_the_look_out_for_disguises_finds_them():
    secret = "Sim/Secret+1234567890"
    for prefix in (b"", b"x", b"xy"):
        assert any(found in base64.b64encode(prefix + secret.encode() + b"tail") for found in disguises(secret))
    assert urllib.parse.quote(secret, safe="").encode() in disguises(secret)


def disguises(secret):
    """Return the ways in which *secret* could stand somewhere: as it is, percent-encoded, in JSON, in base64."""
    raw = secret.encode()
    plain = {raw, urllib.parse.quote(secret, safe="").encode(), urllib.parse.quote_plus(secret).encode()}
    escaped = {raw.replace(b"\\", b"\\\\").replace(b'"', b'\\"'), repr(secret)[1:-1].encode()}
    # In base64 a text looks different at each of three offsets; the characters at its ends depend on its neighbours.
    encoded = {
        encode(b"x" * offset + raw)[(0, 2, 3)[offset] : -4]
        for encode in (base64.b64encode, base64.urlsafe_b64encode)
        for offset in range(3)
    }
    return plain | escaped | {text for text in encoded if len(text) > 8}
