"""Temporary keys of the agency that is bound to this ECS, from the metadata service of the machine.

Its hardened form is tried first: a token is asked for with PUT, and shown with the GET. No proxy is used,
whatever the environment says: the address belongs to this machine.
"""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from enforcer.dcs.access.expiry import key_renewal, unix_time
from enforcer.dcs.access.identity import AccessKey, Credentials, Secret
from enforcer.dcs.api.bodies import NotJsonError, parsed
from enforcer.dcs.api.call import Answer, Call, Request, header_lines
from enforcer.dcs.credentials.checks import header_safe
from enforcer.dcs.network.exchange import open_pool
from enforcer.dcs.network.transport import Timeouts, Transport
from enforcer.errors import ConfigError
from enforcer.model.answer import Failure

ADDRESS: Final = "http://169.254.169.254"
LIMIT_S: Final = 3.0
"""For everything: the service answers within milliseconds where there is one."""

LOOKED_FOR: Final = "the agency of this ECS"
HINT: Final = "Bind an agency to this ECS."

_TIMEOUTS: Final = Timeouts(connect=2, sock_connect=2, answer=2)
_TOKEN: Final = Call(
    method="PUT",
    noun="the request for a metadata token",
    permission=None,
    ends_run=True,
    changes=False,
    one_task=False,
)
_KEYS: Final = Call(
    method="GET",
    noun="the request for the agency's keys",
    permission=None,
    ends_run=True,
    changes=False,
    one_task=False,
)
_TOKEN_LIFETIME: Final = header_lines({"X-Metadata-Token-Ttl-Seconds": "60"})
_NOT_HARDENED: Final = frozenset({404, 405, 503})

# As cloud-init tells these clouds from others, whose metadata service at the same address is not ours to ask.
_DMI: Final = Path("/sys/class/dmi/id")
_MARKS: Final = {
    "product_name": frozenset({"OpenStack Nova", "OpenStack Compute"}),
    "chassis_asset_tag": frozenset({"HUAWEICLOUD", "OpenTelekomCloud"}),
}


def find(
    _environ: Mapping[str, str], _home: Path, *, address: str = ADDRESS, limit_s: float = LIMIT_S
) -> Credentials | None:
    """
    Return the agency's key, or None if nobody answers within *limit_s* or there is no agency.

    Raises ConfigError for an answer that is no key. Not to be called where a loop runs, since it runs one.
    """
    return asyncio.run(_found(address, limit_s))


def is_likely(_environ: Mapping[str, str], *, dmi: Path = _DMI) -> bool:
    """Whether this machine looks like an ECS."""
    for name, values in _MARKS.items():
        with suppress(OSError, UnicodeDecodeError):
            if (dmi / name).read_text(encoding="utf-8").strip() in values:
                return True
    return False


async def _found(address: str, limit_s: float) -> AccessKey | None:
    with suppress(TimeoutError):
        async with asyncio.timeout(limit_s), open_pool() as pool:
            return await _asked(
                Transport(pool, address, user_agent="enforcer", ca_file=None, proxy=None, timeouts=_TIMEOUTS)
            )
    return None


async def _asked(transport: Transport) -> AccessKey | None:
    answer = await transport.send(Request(call=_TOKEN, path="/meta-data/latest/api/token"), _TOKEN_LIFETIME, ())
    if isinstance(answer, Failure):
        return None
    headers = {}
    if answer.status == 200:
        token = answer.body.decode("ascii", "replace").strip()
        headers["X-Metadata-Token"] = header_safe(token, "the metadata service's token")
    elif answer.status not in _NOT_HARDENED:
        return None
    answer = await transport.send(Request(call=_KEYS, path="/openstack/latest/securitykey"), header_lines(headers), ())
    if isinstance(answer, Failure) or answer.status != 200:
        return None
    return _key(answer)


def _key(answer: Answer) -> AccessKey:
    credential = _credential(answer.body)
    expires = unix_time(_first(credential, "expires_at", "expiration"))
    access, secret, token = (
        header_safe(_first(credential, *names), f"{names[0]} from the metadata service")
        for names in (
            ("access", "access_key_id", "accessKeyId"),
            ("secret", "secret_access_key", "secretAccessKey"),
            ("securitytoken", "security_token", "securityToken"),
        )
    )
    return AccessKey(
        source="metadata",
        origin="the metadata service of this ECS",
        access=access,
        secret=Secret(secret),
        security_token=Secret(token),
        expires_at=expires,
        renew_at=key_renewal(expires),
    )


def _credential(body: bytes) -> dict[str, Any]:
    try:
        root = parsed(body)
    except NotJsonError:
        root = None
    credential = root.get("credential") or root.get("credentials") if isinstance(root, dict) else None
    if not isinstance(credential, dict):
        raise ConfigError("the metadata service answered, but not with keys", hint=HINT)
    return credential


def _first(credential: dict[str, Any], *names: str) -> str:
    """Return the first text that has one of *names*, "" without one."""
    return next((value for name in names if isinstance(value := credential.get(name), str)), "")
