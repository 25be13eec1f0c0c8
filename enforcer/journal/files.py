"""Files of the state directory, the owner's alone, each there whole or not at all. Raises OSError as it comes."""

import contextlib
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path


def make_private(folder: Path) -> None:
    """Make sure that *folder* exists, after a power cut too.

    It, and what is created on the way, has the mode 0700, whatever the umask.
    """
    if not folder.is_dir():
        if not folder.parent.exists():
            make_private(folder.parent)
        folder.mkdir(exist_ok=True)  # another process may be faster
        folder.chmod(0o700)
        with contextlib.suppress(PermissionError):  # a folder that one may write to and not read cannot be synced
            _sync(folder.parent)


def write_whole(path: Path, pieces: Iterable[str], *, mode: int = 0o600) -> None:
    """
    Write the text in *pieces* to *path* so that a reader finds the old file or the new one, never a half.

    That holds after a power cut too. It has the permissions *mode*, whatever the umask.

    The temporary file has a random name and is created exclusively, so that no planted link is followed.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(descriptor, mode)
            file.writelines(pieces)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the names in *folder* durable: a rename is not until its folder is."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
