import msgspec
import pytest

from enforcer.cli.documents import parsed
from enforcer.errors import DataError


class Pair(msgspec.Struct):
    left: str
    right: int


def pair(data, most_bytes=2 << 20):
    return parsed(data, Pair, name="the pair p.json", writer="enforcer pair", most_bytes=most_bytes)


def test_what_is_unknown_is_passed_over():
    assert pair(b'{"left": "a", "right": 2, "later": [3]}') == Pair("a", 2)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "truncated"),
        (b"\xff", "malformed"),
        (b'{"left": "\xff", "right": 2}', "utf-8"),
        (b'{"left": "a"}', "right"),
        (b'{"x": ' + b"[" * 500_000 + b"]" * 500_000 + b"}", "nested too deeply"),
        (b" " * ((2 << 20) + 1), "larger than 2 MiB"),
    ],
)
def test_what_no_command_wrote_is_an_error_that_says_who_does(data, what):
    with pytest.raises(DataError, match=what) as refused:
        pair(data)

    assert refused.value.message.startswith("the pair p.json")
    assert refused.value.message.endswith("expected what `enforcer pair` wrote")
