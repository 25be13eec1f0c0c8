"""Credentials by the official SDK's chain: OIDC, pod identity, federation, and whatever it learns later.

The SDK is an extra, and is imported when it is asked. It reads the process's own environment and home, asks
services by its own rules, and blocks.
"""

import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from enforcer.dcs.access.expiry import key_renewal
from enforcer.dcs.access.identity import AccessKey, Credentials, Secret
from enforcer.dcs.credentials.checks import header_safe
from enforcer.errors import ConfigError

LOOKED_FOR: Final = "the official SDK's chain (OIDC, pod identity, federation)"
HINT: Final = "Set what the SDK's chain reads: HUAWEICLOUD_OIDC_… or HC_CONTAINER_…"

_PREFIXES: Final = ("HUAWEICLOUD_OIDC_", "HC_CONTAINER_CREDENTIALS_", "HUAWEICLOUD_SDK_IDP_ID")
_TIMEOUT_S: Final = (5, 10)
"""For connecting and between two bytes; the SDK's own default is two minutes."""


def is_likely(environ: Mapping[str, str]) -> bool:
    """Whether the environment has what only the SDK reads; its chain is slow to find nothing."""
    return any(name.startswith(_PREFIXES) for name in environ)


def _by_chain() -> Any:
    """Return the SDK's credentials, with their keys; raise whatever it raises."""
    from huaweicloudsdkcore.auth.provider import CredentialProviderChain  # noqa: PLC0415 - an extra, slow to import
    from huaweicloudsdkcore.exceptions.exception_handler import DefaultExceptionHandler  # noqa: PLC0415
    from huaweicloudsdkcore.http.http_client import HttpClient  # noqa: PLC0415
    from huaweicloudsdkcore.http.http_config import HttpConfig  # noqa: PLC0415

    credentials = CredentialProviderChain.get_basic_credential_provider_chain().get_credentials()
    config = HttpConfig(timeout=_TIMEOUT_S)
    credentials.process_sts(HttpClient(config, None, DefaultExceptionHandler(), logging.getLogger(__name__)))
    return credentials


def find(_environ: Mapping[str, str], _home: Path, *, by_chain: Callable[[], Any] = _by_chain) -> Credentials | None:
    """Return the key that the chain finds; raise ConfigError if it finds none or is not installed."""
    try:
        found = by_chain()
    except ModuleNotFoundError:
        raise ConfigError(
            "the official SDK is not installed, so that its credential chain cannot be asked",
            hint="pip install 'enforcer[sdk]'",
        ) from None
    except Exception as error:  # noqa: BLE001 - another's code: whatever it raises, there are no credentials
        # Not its text: parts of files and answers stand in it.
        raise ConfigError(
            f"the official SDK's chain found no credentials ({type(error).__name__})", hint=HINT
        ) from None
    token = found.security_token
    expires = found._expired_at  # noqa: SLF001 - the SDK has no other name for it
    return AccessKey(
        source="sdk",
        origin="the official SDK's chain",
        access=header_safe(found.ak or "", "the access key of the SDK's chain"),
        secret=Secret(header_safe(found.sk or "", "the secret key of the SDK's chain")),
        security_token=Secret(header_safe(token, "the security token of the SDK's chain")) if token else None,
        expires_at=expires or None,
        renew_at=key_renewal(expires or None),
    )
