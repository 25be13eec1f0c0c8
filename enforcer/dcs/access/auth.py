"""The headers that say who asks: a signature made anew for each request, or a token. No I/O."""

from collections.abc import Callable
from typing import Final, TypeAlias

from enforcer.dcs.access.identity import AccessKey, Secret
from enforcer.dcs.access.signing import Signer, payload_hash, stamp
from enforcer.dcs.api.call import Request

Auth: TypeAlias = Callable[[Request], dict[str, str]]
"""Gives the headers of one request that say who asks; Host is not among them."""

_JSON: Final = "application/json;charset=utf-8"


def with_key(key: AccessKey, *, host: str, project_id: str | None, clock: Callable[[], float]) -> Auth:
    """Return the Auth that signs. *host* is the Host header, *clock* gives the Unix time."""
    fixed = {"Content-Type": _JSON}
    if project_id:
        fixed["X-Project-Id"] = project_id
    if key.security_token:
        fixed["X-Security-Token"] = key.security_token.reveal()

    sign = Signer({"Host": host, **fixed}, access=key.access, secret=key.secret.reveal())

    def headers(request: Request) -> dict[str, str]:
        signed = sign(
            method=request.call.method,
            path=request.path,
            query=request.query,
            payload_hash=payload_hash(request.body),
            date=stamp(int(clock())),
        )
        return {**fixed, **signed}

    return headers


def with_token(token: Secret, *, project_id: str | None) -> Auth:
    """Return the Auth that shows an IAM token."""
    fixed = {"Content-Type": _JSON, "X-Auth-Token": token.reveal()}
    if project_id:
        fixed["X-Project-Id"] = project_id
    return lambda _request: fixed


def anonymous(_request: Request) -> dict[str, str]:
    """Return the headers of a request whose body says who asks."""
    return {"Content-Type": _JSON}
