"""Our signatures are those of the official SDK, for any request that can be made."""

from dataclasses import dataclass

from huaweicloudsdkcore.sdk_request import SdkRequest
from huaweicloudsdkcore.signer.signer import Signer as OfficialSigner
from hypothesis import given
from hypothesis import strategies as st

from enforcer.dcs.access.signing import Signer, payload_hash
from enforcer.dcs.api.call import canonical_query

DATE = "20260102T030405Z"

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,11}", fullmatch=True)
header_values = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=20)
paths = st.from_regex(r"(/[A-Za-z0-9._~-]{0,12}){1,5}", fullmatch=True)


@dataclass(frozen=True)
class Key:
    ak: str
    sk: str


# HMAC treats a key that is longer than a block of the hash, 64 bytes, otherwise.
long = st.sampled_from([63, 64, 65, 200]).map(lambda length: "s" * length)
keys = st.builds(Key, ak=st.from_regex(r"[A-Z0-9]{1,20}", fullmatch=True), sk=texts.filter(bool) | long)


def _distinct(headers):
    taken = {"host", "x-sdk-date", "content-type", "authorization", "x-sdk-content-sha256"}
    return {name: value for name, value in headers.items() if name.lower() not in taken}


headers_of_requests = st.dictionaries(names.map(str.title), header_values, max_size=4).map(_distinct)


@given(
    key=keys,
    method=st.sampled_from(["GET", "PUT", "POST", "DELETE"]),
    path=paths,
    query=st.lists(st.tuples(texts, texts), max_size=5),
    headers=headers_of_requests,
    body=st.binary(max_size=64),
)
def test_equals_the_official_signer(*, key, method, path, query, headers, body):
    sent = {"Host": "dcs.example.com", "Content-Type": "application/json", **headers}
    official = OfficialSigner(key).sign(
        SdkRequest(
            method=method,
            schema="https",
            host="dcs.example.com",
            resource_path=path,
            query_params=list(query),
            header_params={**sent, "X-Sdk-Date": DATE},
            body=body,
        )
    )

    canonical = canonical_query(query)
    ours = Signer(sent, access=key.ak, secret=key.sk)(
        method=method,
        path=path,
        query=canonical,
        payload_hash=payload_hash(body),
        date=DATE,
    )

    assert official.header_params["Authorization"] == ours
    assert official.uri == (f"{path}?{canonical}" if canonical else path)
