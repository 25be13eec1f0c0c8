from pathlib import Path

import msgspec
import pytest
from multidict import CIMultiDict

from enforcer.simulator import signature

SAMPLES = Path(__file__).parents[2] / "samples" / "signing-vectors.json"
VECTORS = msgspec.json.decode(SAMPLES.read_bytes())["vectors"]


def headers_of(vector):
    """The headers as the signer leaves them on the request."""
    given, out = vector["input"], vector["output"]
    headers = CIMultiDict(given["headers"])
    headers.setdefault("Host", given["host"])
    headers.setdefault("X-Sdk-Date", given["date"])
    if "x-sdk-content-sha256" in out["signed_headers"]:
        headers["X-Sdk-Content-Sha256"] = "UNSIGNED-PAYLOAD"
    return headers


def is_genuine(vector, **changed):
    given, out = vector["input"], vector["output"]
    claim = signature.claim(out["authorization"])
    assert claim is not None
    request = {
        "method": given["method"],
        "target": out["request_target"],
        "headers": headers_of(vector),
        "body": (given["body"] or "").encode(),
    } | changed
    canonical = signature.canonical_request(signed_headers=claim.signed_headers, **request)
    return signature.is_genuine(claim, sk=given["sk"], date=given["date"], canonical=canonical)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_every_vector_of_the_official_signer_verifies(vector):
    assert is_genuine(vector)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_the_canonical_request_is_that_of_the_vector(vector):
    given, out = vector["input"], vector["output"]
    canonical = signature.canonical_request(
        method=given["method"],
        target=out["request_target"],
        headers=headers_of(vector),
        signed_headers=tuple(out["signed_headers"].split(";")),
        body=(given["body"] or "").encode(),
    )

    assert out["canonical_request"] == canonical


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_a_change_of_anything_signed_is_noticed(vector):
    moved = headers_of(vector)
    moved["Host"] = "elsewhere.example.com"
    unsigned_body = "x-sdk-content-sha256" in vector["output"]["signed_headers"]

    assert not is_genuine(vector, method="DELETE")
    assert not is_genuine(vector, target="/v2/other")
    assert not is_genuine(vector, headers=moved)
    assert unsigned_body or not is_genuine(vector, body=b"changed")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic dTpw",
        "SDK-HMAC-SHA256",
        "SDK-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date, Signature=zz",
        f"SDK-HMAC-SHA256 Access=a, SignedHeaders=x-sdk-date, Signature={'0' * 64}",
        f"SDK-HMAC-SHA256 Access=a, SignedHeaders=host, Signature={'0' * 64}",
        f"V11-HMAC-SHA256 Access=a, SignedHeaders=host;x-sdk-date, Signature={'0' * 64}",
    ],
)
def test_a_header_that_is_malformed_or_leaves_out_host_or_date_claims_nothing(header):
    assert signature.claim(header) is None
