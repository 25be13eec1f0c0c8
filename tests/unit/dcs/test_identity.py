"""A secret shows nowhere but where it is asked for by name."""

import copy
import pickle
from dataclasses import asdict

import msgspec
import pytest

from enforcer.dcs.identity import AccessKey, Password, Secret, Token

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
