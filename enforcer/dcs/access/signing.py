"""SDK-HMAC-SHA256: the signature of a request made with an access key. It knows no clock and does no I/O.

The body is always part of the signature; the algorithm's UNSIGNED-PAYLOAD form is never produced.
"""

import time
from collections.abc import Callable, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final

from enforcer.dcs.api.call import unbroken

ALGORITHM: Final = "SDK-HMAC-SHA256"
_DATE: Final = "x-sdk-date"
_BLOCK: Final = 64
"""Bytes of a block of SHA-256."""


class Signer:
    """Signs requests that have the same headers. What they have in common is worked out once.

    *headers* are sent with them and hold Host; all of them are signed but those with ``_`` in the name.
    """

    def __init__(self, headers: Mapping[str, str], *, access: str, secret: str) -> None:
        self._mac = _mac(secret.encode())
        signed = [(name.lower(), value.strip()) for name, value in headers.items() if "_" not in name]
        before = sorted(line for line in signed if line[0] < _DATE)
        after = sorted(line for line in signed if line[0] > _DATE)
        names = ";".join([name for name, _ in (*before, (_DATE, ""), *after)])
        self._before_date = "".join([f"{name}:{value}\n" for name, value in before]) + f"{_DATE}:"
        self._after_date = "".join([f"\n{name}:{value}" for name, value in after]) + f"\n\n{names}"
        self._authorization = unbroken(f"{ALGORITHM} Access={access}, SignedHeaders={names}, Signature=")

    def __call__(self, *, method: str, path: str, query: str, payload_hash: str, date: str) -> str:
        """
        Return the Authorization of one request that goes out with *date* as its X-Sdk-Date.

        *method* is in capitals, *path* has nothing in it that would be escaped, and *query* is in its canonical form
        (`api.call.canonical_query`), which is also what has to be sent. *date* is from `stamp`; the server takes it for
        15 minutes either side of its own clock.
        """
        headers = f"{self._before_date}{date}{self._after_date}"
        slash = "" if path.endswith("/") else "/"
        canonical = f"{method}\n{path}{slash}\n{query}\n{headers}\n{payload_hash}"
        to_sign = f"{ALGORITHM}\n{date}\n{sha256(canonical.encode()).hexdigest()}"
        return self._authorization + self._mac(to_sign.encode())


def _mac(key: bytes) -> Callable[[bytes], str]:
    """Return what gives the HMAC-SHA256 of a message as hexadecimal digits, RFC 2104.

    The two hashes have the key's block in them already. `hmac.digest` looks for the algorithm at each message, which
    takes longer than the message itself.
    """
    block = (key if len(key) <= _BLOCK else sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner, outer = sha256(bytes(byte ^ 0x36 for byte in block)), sha256(bytes(byte ^ 0x5C for byte in block))

    def of(message: bytes) -> str:
        inside, outside = inner.copy(), outer.copy()
        inside.update(message)
        outside.update(inside.digest())
        return outside.hexdigest()

    return of


@lru_cache(maxsize=8)
def payload_hash(body: bytes) -> str:
    """Return the hash of a request's body. Cached: a run has two bodies and the empty one."""
    return sha256(body).hexdigest()


@lru_cache(maxsize=2)
def stamp(unix_time: int) -> str:
    """Return a time in whole seconds as X-Sdk-Date has it. Cached: many requests share a second."""
    return time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(unix_time))
