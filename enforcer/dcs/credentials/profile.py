"""Credentials from the official SDK's profile: section [basic] of ~/.huaweicloud/credentials.

HUAWEICLOUD_SDK_CREDENTIALS_FILE names another file. A parser's own message quotes the line that it
stumbled over, which may be the key's, so none of them gets out.
"""

from collections.abc import Mapping
from configparser import ConfigParser, Error, ParsingError
from pathlib import Path
from typing import Final

from enforcer.dcs.access.identity import AccessKey, Credentials, Secret
from enforcer.dcs.credentials.checks import all_set, header_safe, without_newline
from enforcer.errors import ConfigError

_FILE_NAME: Final = "HUAWEICLOUD_SDK_CREDENTIALS_FILE"
HINT: Final = "Write ak = … and sk = … below [basic] in ~/.huaweicloud/credentials."
LOOKED_FOR: Final = f"ak + sk in [basic] of ~/.huaweicloud/credentials or of the file that {_FILE_NAME} names"


def find(environ: Mapping[str, str], home: Path) -> Credentials | None:
    """Return the profile's key, None if there is no profile or no key in it; raise ConfigError for a half."""
    path = _path(environ, home)
    values = _basic(path, is_named=_FILE_NAME in environ)
    found = {name: values[name] for name in ("ak", "sk", "security_token") if name in values}
    if not all_set({f"{name} in {path}": value for name, value in found.items()}, (f"ak in {path}", f"sk in {path}")):
        return None
    checked = {name: header_safe(value, f"{name} in {path}") for name, value in found.items()}
    token = checked.get("security_token")
    return AccessKey(
        source="profile",
        origin=f"{path} [basic]",
        access=checked["ak"],
        secret=Secret(checked["sk"]),
        security_token=Secret(token) if token else None,
    )


def surroundings(environ: Mapping[str, str], home: Path) -> dict[str, str]:
    """Return what the profile has of project_id and iam_endpoint."""
    values = _basic(_path(environ, home), is_named=_FILE_NAME in environ)
    return {name: values[name] for name in ("project_id", "iam_endpoint") if name in values}


def _path(environ: Mapping[str, str], home: Path) -> Path:
    return Path(environ.get(_FILE_NAME) or home / ".huaweicloud" / "credentials")


def _basic(path: Path, *, is_named: bool) -> dict[str, str]:
    """Return the values of [basic] that are not empty; a file that nobody named may be missing."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if not is_named:
            return {}
        raise ConfigError(f"{_FILE_NAME} names {path}, and there is no such file") from None
    except (OSError, UnicodeDecodeError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text"
        raise ConfigError(f"the profile {path} cannot be read: {reason}") from None
    parser = ConfigParser(interpolation=None)
    try:
        parser.read_string(text)
    except Error as error:
        raise ConfigError(
            f"the profile {path} is not a well-formed INI file{_place(error)}",
            hint="It needs a section [basic] with ak = … and sk = … below it.",
        ) from None
    section = parser["basic"] if parser.has_section("basic") else {}
    return {name: value for name, raw in section.items() if (value := without_newline(raw))}


def _place(error: Error) -> str:
    line = getattr(error, "lineno", None)
    if line is None and isinstance(error, ParsingError) and error.errors:
        line = error.errors[0][0]
    return f": line {line}" if line else ""
