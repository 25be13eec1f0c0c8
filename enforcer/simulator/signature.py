"""What SDK-HMAC-SHA256 says the signature of a request is, from the request as it came over the wire.

Pure functions. Written from the description of the algorithm, not from any signer: its worth is that it
was made twice.
"""

import hashlib
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote

_ALGORITHM = "SDK-HMAC-SHA256"
_AUTHORIZATION = re.compile(
    rf"{_ALGORITHM} Access=(?P<ak>[^,\s]+), ?SignedHeaders=(?P<names>[^,\s]+), ?Signature=(?P<hex>[0-9a-f]{{64}})"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What an Authorization header says."""

    ak: str
    signed_headers: tuple[str, ...]
    signature: str


def claim(authorization: str) -> Claim | None:
    """Return what the header says, or None if it is no SDK-HMAC-SHA256 header over host and date."""
    found = _AUTHORIZATION.fullmatch(authorization.strip())
    if found is None:
        return None
    names = tuple(found["names"].split(";"))
    if not {"host", "x-sdk-date"} <= set(names):
        return None
    return Claim(ak=found["ak"], signed_headers=names, signature=found["hex"])


def canonical_request(
    *, method: str, target: str, headers: Mapping[str, str], signed_headers: tuple[str, ...], body: bytes
) -> str:
    """
    Return the text that is hashed and signed.

    *target* is the path and query of the request line. *headers* are looked up as they are, so pass a
    mapping that ignores case; one that is signed but absent counts as empty, and so fails to verify.
    """
    path, _, query = target.partition("?")
    lines = (
        method.upper(),
        _canonical_path(path),
        _canonical_query(query),
        *(f"{name}:{headers.get(name, '').strip()}" for name in signed_headers),
        "",
        ";".join(signed_headers),
        _payload_hash(headers, body),
    )
    return "\n".join(lines)


def expected(*, sk: str, date: str, canonical: str) -> str:
    """Return the signature, in hexadecimal, that the owner of *sk* gives *canonical* at *date*."""
    to_sign = f"{_ALGORITHM}\n{date}\n{hashlib.sha256(canonical.encode(errors='surrogateescape')).hexdigest()}"
    return hmac.new(sk.encode(), to_sign.encode(), hashlib.sha256).hexdigest()


def is_genuine(given: Claim, *, sk: str, date: str, canonical: str) -> bool:
    return hmac.compare_digest(given.signature, expected(sk=sk, date=date, canonical=canonical))


def _canonical_path(path: str) -> str:
    encoded = "/".join(_encoded(part) for part in unquote(path).split("/"))
    return encoded if encoded.endswith("/") else f"{encoded}/"


def _canonical_query(query: str) -> str:
    pairs = (pair.partition("=") for pair in query.split("&") if pair)
    decoded = sorted((unquote(name), unquote(value)) for name, _, value in pairs)
    return "&".join(f"{_encoded(name)}={_encoded(value)}" for name, value in decoded)


def _payload_hash(headers: Mapping[str, str], body: bytes) -> str:
    replacement = headers.get("x-sdk-content-sha256")
    if body and replacement:
        return replacement
    return hashlib.sha256(body).hexdigest()


def _encoded(text: str) -> str:
    return quote(text, safe="-_.~", errors="surrogateescape")
