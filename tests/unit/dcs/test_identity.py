"""A secret shows nowhere but where it is asked for by name."""

import copy
import importlib
import pickle
import pkgutil
from dataclasses import asdict, is_dataclass, replace

import msgspec
import pytest

import enforcer.dcs
from enforcer.dcs.access.identity import AccessKey, Password, Secret, Token, differ
from enforcer.dcs.access.passes import Pass
from enforcer.dcs.access.refusal import Refusal
from enforcer.dcs.api import wire
from enforcer.dcs.api.bodies import ApiError
from enforcer.dcs.api.call import UPDATE, Answer, Call, Request, header_lines
from enforcer.dcs.credentials import Source, Surroundings, env
from enforcer.dcs.network.transport import Timeouts

CANARY = "CANARY-SK-1"
ALL = [
    AccessKey(source="env", origin="A", access="CANARY-AK", secret=Secret(CANARY), security_token=Secret(CANARY)),
    Token(source="env", origin="A", token=Secret(CANARY)),
    Password(source="env", origin="A", user="u", password=Secret(CANARY), domain="d"),
]


def test_a_secret_shows_as_asterisks():
    secret = Secret(CANARY)

    assert {repr(secret), str(secret), f"{secret}", f"{secret:>9}", "%s" % secret, format(secret)} == {"***"}  # noqa: UP031 - one of the ways
    assert CANARY.encode() not in pickle.dumps(secret)
    assert pickle.loads(pickle.dumps(secret)).reveal() == "***"  # noqa: S301 - our own bytes
    assert not hasattr(secret, "__dict__")
    with pytest.raises(TypeError):
        msgspec.json.encode(secret)


def test_a_secret_can_be_asked_for_and_compared():
    assert Secret(CANARY).reveal() == CANARY
    assert Secret("a") == Secret("a")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1


@pytest.mark.parametrize("credentials", ALL, ids=lambda value: type(value).__name__)
def test_credentials_do_not_show_what_is_secret(credentials):
    assert "CANARY" not in repr(credentials)
    assert CANARY not in str(asdict(credentials))
    assert CANARY not in repr(copy.deepcopy(credentials))
    assert CANARY in credentials.secrets


INSTANCES = {
    AccessKey: ALL[0],
    Token: ALL[1],
    Password: ALL[2],
    Request: Request(call=UPDATE, path="/", body=CANARY.encode()),
    Answer: Answer(status=200, headers={"X-Subject-Token": CANARY}, body=CANARY.encode(), secrets=(CANARY,)),
    Pass: Pass(
        generation=0, auth=lambda _request: header_lines({"X-Auth-Token": CANARY}), secrets=(CANARY,), renew_at=None
    ),
}
HOLD_NO_SECRETS = {
    Call,
    ApiError,
    Timeouts,
    Source,
    Surroundings,
    Refusal,
    env._KeyNames,
    env._PasswordNames,
    wire._Row,
    wire._FullRow,
}


def values_of_the_room():
    for found in pkgutil.walk_packages(enforcer.dcs.__path__, "enforcer.dcs."):
        module = importlib.import_module(found.name)
        yield from (
            value
            for value in vars(module).values()
            if isinstance(value, type) and value.__module__ == module.__name__
            if is_dataclass(value) or issubclass(value, msgspec.Struct)
        )


def test_no_value_of_the_room_shows_what_it_holds_of_secrets():
    unknown = set(values_of_the_room()) - set(INSTANCES) - HOLD_NO_SECRETS

    assert {kind.__name__ for kind in unknown} == set(), "list it here, with a secret in each field that may hold one"
    assert [kind.__name__ for kind, value in INSTANCES.items() if CANARY in repr(value)] == []


def test_only_what_a_server_could_tell_apart_differs():
    one = AccessKey(source="env", origin="A", access="AK", secret=Secret("S"), security_token=Secret("T"))

    assert not differ(one, replace(one, renew_at=1.0, origin="elsewhere"))
    assert differ(one, replace(one, access="other"))
    assert differ(one, replace(one, security_token=None))
    assert differ(one, Token(source="env", origin="A", token=Secret("S")))
