"""SDK-HMAC-SHA256: the signature of a request made with an access key. It knows no clock and does no I/O.

The body is always part of the signature; the algorithm's UNSIGNED-PAYLOAD form is never produced.
"""

import hmac
import re
import time
from collections.abc import Iterable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final
from urllib.parse import quote, unquote

ALGORITHM: Final = "SDK-HMAC-SHA256"
_PLAIN_PATH: Final = re.compile(r"[A-Za-z0-9/._~-]*", re.ASCII)


def signed_headers(
    headers: Mapping[str, str],
    *,
    access: str,
    secret: str,
    method: str,
    path: str,
    query: str,
    payload_hash: str,
    date: str,
) -> dict[str, str]:
    """
    Return *headers* with X-Sdk-Date and Authorization added.

    *headers* must hold Host; all of them are signed but those with ``_`` in the name. *query* is in
    its canonical form, which is also what has to be sent. *date* is from `stamp`; the server takes it
    for 15 minutes either side of its own clock.
    """
    sent = {**headers, "X-Sdk-Date": date}
    lines = sorted((name.lower(), value.strip()) for name, value in sent.items() if "_" not in name)
    names = ";".join([name for name, _ in lines])
    canonical = "\n".join(
        (
            method.upper(),
            canonical_path(path),
            query,
            *[f"{name}:{value}" for name, value in lines],
            "",
            names,
            payload_hash,
        )
    )
    to_sign = f"{ALGORITHM}\n{date}\n{sha256(canonical.encode()).hexdigest()}"
    signature = hmac.digest(secret.encode(), to_sign.encode(), "sha256").hex()
    sent["Authorization"] = f"{ALGORITHM} Access={access}, SignedHeaders={names}, Signature={signature}"
    return sent


def canonical_path(path: str) -> str:
    """Return *path* as it is signed: each part decoded and encoded again, with a slash at the end."""
    if not _PLAIN_PATH.fullmatch(path):
        path = quote(unquote(path), safe="/~")
    return path if path.endswith("/") else f"{path}/"


def canonical_query(pairs: Iterable[tuple[str, str]]) -> str:
    """Return the query string to sign and to send."""
    return "&".join(f"{quote(name, safe='~')}={quote(value, safe='~')}" for name, value in sorted(pairs))


@lru_cache(maxsize=8)
def payload_hash(body: bytes) -> str:
    """Return the hash of a request's body. Cached: a run has two bodies and the empty one."""
    return sha256(body).hexdigest()


@lru_cache(maxsize=2)
def stamp(unix_time: int) -> str:
    """Return a time in whole seconds as X-Sdk-Date has it. Cached: many requests share a second."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(unix_time))
