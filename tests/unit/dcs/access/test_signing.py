"""Every published and recorded vector of SDK-HMAC-SHA256 comes out as it should."""

import json
from pathlib import Path

import pytest

from enforcer.dcs.access.signing import Signer, payload_hash, stamp
from enforcer.dcs.api.call import canonical_query

VECTORS = json.loads((Path(__file__).parents[3] / "samples" / "signing-vectors.json").read_text("utf-8"))["vectors"]


def _pairs(query):
    """Our queries are pairs of texts; the vectors also have lists, numbers and booleans."""
    for name, value in query:
        for item in value if isinstance(value, list) else [value]:
            yield name, str(item).lower() if isinstance(item, bool) else str(item)


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_vector(vector):
    given, expected = vector["input"], vector["output"]
    body = (given["body"] or "").encode()
    headers = {"Host": given["host"], **given["headers"]}
    digest = payload_hash(body)
    content_type = headers.get("Content-Type", "application/json")
    if body and not content_type.startswith(("application/json", "application/bson")):
        headers["X-Sdk-Content-Sha256"] = digest = "UNSIGNED-PAYLOAD"

    query = canonical_query(_pairs(given["query"]))
    authorization = Signer(headers, access=given["ak"], secret=given["sk"])(
        method=given["method"],
        path=given["path"],
        query=query,
        payload_hash=digest,
        date=given["date"],
    )

    assert expected["canonical_query"] == query
    assert expected["authorization"] == authorization


def test_the_payload_hash_of_nothing_is_that_of_the_empty_text():
    assert payload_hash(b"") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


def test_a_stamp_is_utc_in_basic_format():
    assert stamp(1767323045) == "20260102T030405Z"


@pytest.mark.parametrize("access", ["A\r\nX: y", "A\nX: y", "A\rX: y"])
def test_a_key_that_would_end_its_line_signs_nothing(access):
    with pytest.raises(ValueError, match="line break"):
        Signer({"Host": "dcs.example.com"}, access=access, secret="S")
