"""Who is asking: signatures and tokens, really verified; knows nothing of what is asked for."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from aiohttp import web

from enforcer.simulator import signature
from enforcer.simulator.account import Account
from enforcer.simulator.limits import Lockout
from enforcer.simulator.refusals import GatewayError, unauthenticated
from enforcer.simulator.tokens import Tokens

_SKEW_ALLOWED = timedelta(minutes=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Someone who was let in."""

    project_id: str | None
    """The project that credentials are good for; None for a token without a project."""
    by_token: bool


class Access:
    """
    Lets callers in or raises GatewayError.

    After *deny_after* callers were asked who they are, no credential is known any more, as if all had
    been withdrawn.
    """

    def __init__(self, account: Account, tokens: Tokens, *, deny_after: int | None = None) -> None:
        self._account = account
        self._tokens = tokens
        self._left = deny_after
        self._lockout = Lockout()

    async def caller(self, request: web.Request) -> Caller:
        """Return who sent the request."""
        withdrawn = self._left == 0
        if self._left:
            self._left -= 1
        token = request.headers.get("X-Auth-Token")
        if token is not None:
            return self._by_token(token, withdrawn=withdrawn)
        if "Authorization" not in request.headers:
            raise unauthenticated("x-auth-token not found")
        return await self._by_key(request, withdrawn=withdrawn)

    async def _by_key(self, request: web.Request, *, withdrawn: bool) -> Caller:
        headers = request.headers
        claim = signature.claim(headers["Authorization"])
        if claim is None:
            raise unauthenticated("verify aksk signature fail")
        self._check_key(claim, withdrawn=withdrawn)
        date = _checked_date(headers.get("X-Sdk-Date", ""))
        canonical = signature.canonical_request(
            method=request.method,
            target=request.raw_path,
            headers=headers,
            signed_headers=claim.signed_headers,
            body=await request.read(),
        )
        genuine = signature.is_genuine(claim, sk=self._account.sk, date=date, canonical=canonical)
        if not genuine or headers.get("X-Security-Token") != self._account.security_token:
            self._lockout.failed(claim.ak, time.monotonic())
            raise unauthenticated("verify aksk signature fail")
        self._lockout.succeeded(claim.ak)
        return Caller(project_id=self._account.project_id, by_token=False)

    def _check_key(self, claim: signature.Claim, *, withdrawn: bool) -> None:
        now = time.monotonic()
        if self._lockout.is_locked(claim.ak, now):
            raise unauthenticated("AK access failed to reach the limit,forbidden")
        if withdrawn or claim.ak != self._account.ak:
            self._lockout.failed(claim.ak, now)
            raise unauthenticated(f"Get secretKey failed,ak:{claim.ak},err:ak not exist")

    def _by_token(self, token: str, *, withdrawn: bool) -> Caller:
        issued = self._tokens.find(token)
        if issued is None or withdrawn:
            raise unauthenticated("decrypt token fail")
        if issued.expires_at <= datetime.now(UTC):
            raise GatewayError(401, "APIGW.0307", "The token must be updated.")
        return Caller(project_id=issued.project_id, by_token=True)


def _checked_date(text: str) -> str:
    """Return *text* if it is a date of now, give or take the gateway's 15 minutes."""
    try:
        date = datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise unauthenticated("verify aksk signature fail") from None
    if abs(datetime.now(UTC) - date) > _SKEW_ALLOWED:
        raise GatewayError(401, "APIGW.0303", "Incorrect app authentication information: signature expired")
    return text
