"""The headers that say who asks: a signature made anew for each request, or a token. No I/O."""

from collections.abc import Callable
from typing import Final, TypeAlias

from enforcer.dcs.access.identity import AccessKey, Secret
from enforcer.dcs.access.signing import Signer, payload_hash, stamp
from enforcer.dcs.api.call import HeaderLines, Request, header_lines

Auth: TypeAlias = Callable[[Request], HeaderLines]
"""Gives the headers of one request that say who asks; Host is not among them."""

_JSON: Final = {"Content-Type": "application/json;charset=utf-8"}


def with_key(key: AccessKey, *, host: str, project_id: str | None, clock: Callable[[], float]) -> Auth:
    """Return the Auth that signs. *host* is the Host header, *clock* gives the Unix time."""
    fixed = _JSON | _of(project_id)
    if key.security_token:
        fixed["X-Security-Token"] = key.security_token.reveal()

    sign = Signer({"Host": host, **fixed}, access=key.access, secret=key.secret.reveal())
    lines = header_lines(fixed)

    def signed(request: Request) -> HeaderLines:
        date = stamp(int(clock()))
        authorization = sign(
            method=request.call.method,
            path=request.path,
            query=request.query,
            payload_hash=payload_hash(request.body),
            date=date,
        )
        return HeaderLines(f"{lines}X-Sdk-Date: {date}\r\nAuthorization: {authorization}\r\n")

    return signed


def with_token(token: Secret, *, project_id: str | None) -> Auth:
    """Return the Auth that shows an IAM token."""
    lines = header_lines(_JSON | {"X-Auth-Token": token.reveal()} | _of(project_id))
    return lambda _request: lines


def anonymous(_request: Request) -> HeaderLines:
    """Return the headers of a request whose body says who asks."""
    return header_lines(_JSON)


def _of(project_id: str | None) -> dict[str, str]:
    return {"X-Project-Id": project_id} if project_id else {}
