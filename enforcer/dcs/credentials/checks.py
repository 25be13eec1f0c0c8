"""Checks that every source makes on what it found. Messages name places, never values."""

import re
from typing import Final

from enforcer.errors import ConfigError

# These travel in headers, where a line break would start another header.
_HEADER_SAFE: Final = re.compile(r"[!-~]+", re.ASCII)


def without_newline(text: str) -> str:
    """Return *text* less the one newline that editors and ``echo`` put at the end."""
    return text.removesuffix("\n").removesuffix("\r")


def header_safe(text: str, name: str) -> str:
    """Return *text*; raise ConfigError, naming *name*, if it cannot be a key or token."""
    if not _HEADER_SAFE.fullmatch(text):
        raise ConfigError(
            f"{name} has characters that no key or token has: blanks, line breaks or others outside ASCII",
            hint=f"Set {name} again, without quotation marks or blanks around the value.",
        )
    return text


def all_set(found: dict[str, str], needed: tuple[str, ...]) -> bool:
    """Return whether all of *needed* were found; raise ConfigError if only some were."""
    missing = [name for name in needed if name not in found]
    if missing and found:
        raise ConfigError(
            f"{_listed(sorted(found))} set, but not {_listed(missing)}",
            hint=f"Set {_listed(missing)} too, or remove the other.",
        )
    return not missing


def _listed(names: list[str]) -> str:
    return " and ".join(names)
