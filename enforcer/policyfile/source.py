"""The bytes of a policy: one file, or a folder read like conf.d. It knows nothing of what stands in them."""

import os
import stat
from pathlib import Path
from typing import Final

from msgspec import Struct

from enforcer.core.text.visible import visible
from enforcer.policyfile.problems import Place, Problems

MAX_BYTES: Final = 1024 * 1024
"""Of all files together."""

_TOO_LARGE: Final = f"too large; expected at most {MAX_BYTES} bytes in all files together"

SUFFIXES: Final = (".yaml", ".yml")
# Opening a FIFO or a device must neither wait nor make it the controlling terminal.
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY


class Source(Struct, frozen=True, kw_only=True):
    """One file, read."""

    name: str
    """As the folder knows it."""
    shown: str
    """As the user named it, fit for a message."""
    data: bytes


def read(path: str, problems: Problems) -> tuple[Source, ...]:
    """Return the files at *path* in reading order: itself, or the ``*.yaml`` and ``*.yml`` files of a folder.

    Names that begin with a dot are passed over. What cannot be read is noted in *problems*.
    """
    try:
        names = _names(Path(path)) if path and Path(path).is_dir() else None
    except OSError as error:
        problems.add(_start(path), f"cannot be listed ({error.strerror})")
        return ()
    if names is None:
        return _read_all([(Path(path).name, path)], problems)
    if not names:
        problems.add(_start(path), "a folder without a policy; expected *.yaml or *.yml files in it")
    return _read_all([(name, str(Path(path, name))) for name in names], problems)


def from_bytes(data: bytes, name: str, problems: Problems) -> tuple[Source, ...]:
    """Return the one file *name* with *data* in it, unless it is too large."""
    if len(data) > MAX_BYTES:
        problems.add(_start(name), _TOO_LARGE)
        return ()
    return (Source(name=Path(name).name, shown=_shown(name), data=data),)


def _shown(path: str) -> str:
    """Return *path* fit for a message, a log and a report."""
    return visible(path, 4096)


def _names(folder: Path) -> list[str]:
    names = (each.name for each in folder.iterdir())
    return sorted(name for name in names if name.endswith(SUFFIXES) and not name.startswith("."))


def _start(path: str) -> Place:
    return Place(file=_shown(path), line=1, column=1)


def _read_all(files: list[tuple[str, str]], problems: Problems) -> tuple[Source, ...]:
    sources: list[Source] = []
    room = MAX_BYTES
    for name, path in files:
        data = _read_file(path, room, problems)
        if data is not None:
            room -= len(data)
            sources.append(Source(name=name, shown=_shown(path), data=data))
    return tuple(sources)


def _read_file(path: str, room: int, problems: Problems) -> bytes | None:
    """Return the bytes of the file, or None if it is none, cannot be read or has more than *room* bytes."""
    try:
        with open(path, "rb", opener=lambda name, _: os.open(name, _FLAGS)) as file:
            is_regular = stat.S_ISREG(os.fstat(file.fileno()).st_mode)
            data = file.read(room + 1) if is_regular else None
    except FileNotFoundError:
        problems.add(_start(path), "no such file; expected a policy file or a folder of them")
        return None
    except (OSError, ValueError) as error:
        problems.add(_start(path), f"cannot be read ({getattr(error, 'strerror', None) or error})")
        return None
    if data is None:
        problems.add(_start(path), "not a regular file; expected a YAML text")
    elif len(data) > room:
        problems.add(_start(path), _TOO_LARGE)
        return None
    return data
