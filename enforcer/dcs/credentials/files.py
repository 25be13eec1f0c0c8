"""Credentials from files of a directory: ak, sk, optionally security_token and project_id.

CREDENTIALS_DIRECTORY names the directory; systemd sets it for LoadCredential, and a mounted Kubernetes secret
has the same shape. The files are read as one unit, so that a rotation never mixes an old key with a new one.
"""

import os
import stat
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final, TypeAlias

from enforcer.dcs.access.identity import AccessKey, Credentials, Secret
from enforcer.dcs.credentials.checks import all_set, header_safe, without_newline
from enforcer.errors import ConfigError

_DIRECTORY_NAME: Final = "CREDENTIALS_DIRECTORY"
_KEY_FILES: Final = ("ak", "sk", "security_token")
_NAMES: Final = (*_KEY_FILES, "project_id")
_LONGEST: Final = 16 * 1024
_LOOKS: Final = 10
_FRESH_S: Final = 1.0
_SETTLE_S: Final = 0.1

HINT: Final = f"Set {_DIRECTORY_NAME} to a directory with the files ak and sk."
LOOKED_FOR: Final = f"the files ak + sk in the directory that {_DIRECTORY_NAME} names"

_Marks: TypeAlias = dict[str, tuple[int, int, int]]


def find(
    environ: Mapping[str, str], _home: Path, *, pause: Callable[[float], object] = time.sleep
) -> Credentials | None:
    """
    Return the key in the directory, None if there is no directory or no key; raise ConfigError for a half.

    *pause* waits for the seconds that it is given, where files have only just been written.
    """
    texts, directory = _texts(environ, pause)
    found = {f"{directory}/{name}": texts[name] for name in _KEY_FILES if name in texts}
    access, secret, token = (f"{directory}/{name}" for name in _KEY_FILES)
    if not all_set(found, (access, secret)):
        return None
    checked = {name: header_safe(text, name) for name, text in found.items()}
    return AccessKey(
        source="files",
        origin=", ".join(found),
        access=checked[access],
        secret=Secret(checked[secret]),
        security_token=Secret(checked[token]) if token in checked else None,
    )


def surroundings(environ: Mapping[str, str], _home: Path) -> dict[str, str]:
    """Return the project_id that goes with the key, if there is one."""
    texts, _ = _texts(environ, time.sleep)
    return {"project_id": texts["project_id"]} if "project_id" in texts else {}


def _texts(environ: Mapping[str, str], pause: Callable[[float], object]) -> tuple[dict[str, str], str]:
    """Return what is in the files that are not empty, all of one moment, and the directory."""
    directory = environ.get(_DIRECTORY_NAME)
    if not directory:
        return {}, ""
    for _ in range(_LOOKS):
        before = _marks(directory)
        texts = {name: text for name in before if (text := _text(f"{directory}/{name}"))}
        if any(abs(time.time() - mark[-1] / 1e9) < _FRESH_S for mark in before.values()):
            # Someone is at it: the other files may be about to follow.
            pause(_SETTLE_S)
        if _marks(directory) == before:
            return texts, directory
    raise ConfigError(
        f"the files in {directory} change all the time, so that no pair of ak and sk can be read",
        hint="Write new files beside them, then rename each.",
    )


def _marks(directory: str) -> _Marks:
    """Return what tells a file from its successor, for each that is there; links are followed."""
    marks: _Marks = {}
    for name in _NAMES:
        try:
            status = os.stat(f"{directory}/{name}")  # noqa: PTH116 - pathlib hides nothing here
        except FileNotFoundError:
            continue
        except OSError as error:
            raise _unreadable(f"{directory}/{name}", error) from None
        marks[name] = (status.st_dev, status.st_ino, status.st_mtime_ns)
    return marks


def _text(path: str) -> str:
    """Return the text of a file, "" if it is gone; raise ConfigError if it is none to read or to trust."""
    try:
        # Not blocking: opening a pipe would wait for its writer.
        number = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise _unreadable(path, error) from None
    with os.fdopen(number, "rb") as file:
        _check(path, os.fstat(number).st_mode)
        text = file.read(_LONGEST)
    try:
        return without_newline(text.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"{path} is not text", hint=f"Write {path} again.") from None


def _check(path: str, mode: int) -> None:
    if not stat.S_ISREG(mode):
        raise ConfigError(f"{path} is no regular file")
    # The group may read: systemd lets its service in by an access list, which shows as the group's
    # permission, and Kubernetes does so by the group of the pod.
    if mode & (stat.S_IRWXO | stat.S_IWGRP):
        raise ConfigError(
            f"{path} can be read or changed by others (mode {stat.S_IMODE(mode):04o})",
            hint=f"chmod 0400 {path}; in Kubernetes set defaultMode: 0440 and fsGroup.",
        )


def _unreadable(path: str, error: OSError) -> ConfigError:
    return ConfigError(f"{path} cannot be read: {error.strerror}")
