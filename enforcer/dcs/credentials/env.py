"""Credentials from environment variables: keys first, then tokens, then passwords.

The names are those of the official SDK, of its Terraform provider and of OpenStack, in this order. A name
that is set to nothing counts as not set.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from msgspec import Struct

from enforcer.dcs.access.identity import AccessKey, Credentials, Password, Secret, Token
from enforcer.dcs.credentials.checks import all_set, header_safe, without_newline


class _KeyNames(Struct, frozen=True, kw_only=True):
    access: str
    secret: str
    security_token: str | None


class _PasswordNames(Struct, frozen=True, kw_only=True):
    user: str
    password: str
    domains: tuple[str, ...]
    """Several names for one thing; the first that is set counts."""


_KEYS: Final = (
    _KeyNames(
        access="HUAWEICLOUD_SDK_AK",
        secret="HUAWEICLOUD_SDK_SK",  # noqa: S106 - a variable's name
        security_token="HUAWEICLOUD_SDK_SECURITY_TOKEN",  # noqa: S106 - a variable's name
    ),
    _KeyNames(access="HW_ACCESS_KEY", secret="HW_SECRET_KEY", security_token="HW_SECURITY_TOKEN"),  # noqa: S106 - names
    _KeyNames(access="OS_ACCESS_KEY", secret="OS_SECRET_KEY", security_token=None),  # noqa: S106 - names
)
_TOKENS: Final = ("HW_AUTH_TOKEN", "OS_AUTH_TOKEN")
_PASSWORDS: Final = (
    _PasswordNames(user="HW_USER_NAME", password="HW_USER_PASSWORD", domains=("HW_DOMAIN_NAME",)),  # noqa: S106 - names
    _PasswordNames(
        user="OS_USERNAME",
        password="OS_PASSWORD",  # noqa: S106 - a variable's name
        domains=("OS_DOMAIN_NAME", "OS_USER_DOMAIN_NAME", "OS_PROJECT_DOMAIN_NAME"),
    ),
)
_SURROUNDINGS: Final = {
    "region": ("HW_REGION_NAME", "OS_REGION_NAME"),
    "project_id": ("HUAWEICLOUD_SDK_PROJECT_ID", "HW_PROJECT_ID", "OS_PROJECT_ID"),
    "iam_endpoint": ("HUAWEICLOUD_SDK_IAM_ENDPOINT",),
}

LOOKED_FOR: Final = ", ".join(
    (
        *(f"{names.access} + {names.secret}" for names in _KEYS),
        *_TOKENS,
        *(f"{names.user} + {names.password} + {names.domains[0]}" for names in _PASSWORDS),
    )
)
HINT: Final = "Set HUAWEICLOUD_SDK_AK and HUAWEICLOUD_SDK_SK."


def find(environ: Mapping[str, str], _home: Path) -> Credentials | None:
    """Return the first complete credentials, None if no name is set; raise ConfigError for a half."""
    for names in _KEYS:
        if key := _key(environ, names):
            return key
    for name in _TOKENS:
        if token := _set(environ, name).get(name):
            return Token(source="env", origin=name, token=Secret(header_safe(token, name)))
    for password_names in _PASSWORDS:
        if password := _password(environ, password_names):
            return password
    return None


def surroundings(environ: Mapping[str, str]) -> dict[str, str]:
    """Return what is set of region, project_id and iam_endpoint."""
    return {
        field: value
        for field, names in _SURROUNDINGS.items()
        if (value := next(iter(_set(environ, *names).values()), None))
    }


def _key(environ: Mapping[str, str], names: _KeyNames) -> AccessKey | None:
    token_names = (names.security_token,) if names.security_token else ()
    found = _set(environ, names.access, names.secret, *token_names)
    if not all_set(found, (names.access, names.secret)):
        return None
    checked = {name: header_safe(value, name) for name, value in found.items()}
    token = checked.get(names.security_token or "")
    return AccessKey(
        source="env",
        origin=", ".join(found),
        access=checked[names.access],
        secret=Secret(checked[names.secret]),
        security_token=Secret(token) if token else None,
    )


def _password(environ: Mapping[str, str], names: _PasswordNames) -> Password | None:
    found = _set(environ, names.user, names.password)
    if not found:
        # An account's name alone is no credential: other tools read it beside a key.
        return None
    domain_name = next(iter(_set(environ, *names.domains)), names.domains[0])
    found |= _set(environ, domain_name)
    all_set(found, (names.user, names.password, domain_name))
    return Password(
        source="env",
        origin=", ".join(found),
        user=found[names.user],
        password=Secret(found[names.password]),
        domain=found[domain_name],
    )


def _set(environ: Mapping[str, str], *names: str) -> dict[str, str]:
    values = {name: without_newline(environ.get(name, "")) for name in names}
    return {name: value for name, value in values.items() if value}
