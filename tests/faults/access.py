"""Who may come in: keys with their secrets, signatures checked independently of the client's signer."""

import calendar
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from enforcer.simulator import signature

PROJECT = "0123456789abcdef0123456789abcdef"
REGION = "eu-west-101"
AK = "MarkerAccessKey0001"
SK = "MarkerSecret+/=&Key/0001"
NEW_AK = "MarkerAccessKey0002"
NEW_SK = "MarkerSecret+/=&Key/0002"
LONGEST_SKEW_S = 900


@dataclass(kw_only=True)
class Access:
    """The keys that count now; *ahead_s* is how far the server's clock is ahead of this machine's."""

    keys: dict[str, str] = field(default_factory=lambda: {AK: SK})
    ahead_s: float = 0.0

    def now(self) -> float:
        return time.time() + self.ahead_s

    def refusal(self, *, method: str, target: str, headers: Mapping[str, str], body: bytes) -> str | None:
        """Return the gateway's text for a request that may not come in, None for one that may."""
        claim = signature.claim(headers.get("authorization", ""))
        if claim is None:
            return "Incorrect IAM authentication information: no signature"
        secret = self.keys.get(claim.ak)
        if secret is None:
            return "Incorrect app authentication information: app not found, ak not exist"
        date = headers.get("x-sdk-date", "")
        if abs(calendar.timegm(time.strptime(date, "%Y%m%dT%H%M%SZ")) - self.now()) > LONGEST_SKEW_S:
            return "Incorrect IAM authentication information: signature expired, signature time"
        canonical = signature.canonical_request(
            method=method, target=target, headers=headers, signed_headers=claim.signed_headers, body=body
        )
        if signature.is_genuine(claim, sk=secret, date=date, canonical=canonical):
            return None
        return "Incorrect IAM authentication information: verify aksk signature fail"
