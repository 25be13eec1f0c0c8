"""What counts as JSON: one strict reading, the same for every call."""

import pytest

from enforcer.dcs.api.bodies import NotJsonError, error_in, parsed

REFUSED = {
    "nothing": b"",
    "blanks": b" \r\n",
    "equal names": b'{"a":1,"a":1}',
    "equal names, inside": b'{"x":[{"a":{"b":1,"b":2}}]}',
    "equal names, one escaped": b'{"a":1,"\\u0061":2}',
    "NaN": b"[NaN]",
    "Infinity": b'{"a":Infinity}',
    "-Infinity": b"-Infinity",
    "beyond a double": b"1e999",
    "5000 digits": b"[" + b"1" * 5000 + b"]",
    "100k lists": b"[" * 100_000,
    "100k lists, closed": b"[" * 100_000 + b"]" * 100_000,
    "100k objects": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "a byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "UTF-16, no mark": '{"a":1}'.encode("utf-16-le"),
    "UTF-32": '{"a":1}'.encode("utf-32-be"),
    "latin-1": '"\xe9"'.encode("latin-1"),
    "a lone surrogate": b'"\\ud800"',
    "a lone surrogate as a name": b'{"\\udc00":1}',
    "surrogates the wrong way round": b'"\\udc00\\ud800"',
    "a surrogate in UTF-8": b'"\xed\xa0\x80"',
    "a control character": b'"\x01"',
    "a NUL": b"\x00",
    "a NUL behind": b"{}\x00",
    "two values": b"{}{}",
    "a comma too many": b"[1,]",
    "a comment": b"{} // x",
    "single quotes": b"{'a':1}",
    "a cut": b'{"migration_tasks": [',
    "HTML": b"<html></html>",
}


@pytest.mark.parametrize("body", REFUSED.values(), ids=REFUSED)
def test_what_is_not_sound_json_is_refused(body):
    with pytest.raises(NotJsonError) as caught:
        parsed(body)
    assert str(caught.value) in {
        "an empty body",
        "an HTML page",
        "a body that is not JSON",
        "JSON that has one name twice",
    }
    assert error_in(body) is None


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"null", None),
        (b" [] ", []),
        (b'{"a":{"a":1},"b":[{"a":1},{"a":1}]}', {"a": {"a": 1}, "b": [{"a": 1}, {"a": 1}]}),
        (b'"\\ud83d\\ude00"', "\U0001f600"),
        ('"é\U0001f600"'.encode(), "é\U0001f600"),
        (b"12345678901234567890123", 12345678901234567890123),
        (b"true", True),
    ],
)
def test_what_is_json_is_read(body, value):
    assert parsed(body) == value
