"""Whether a directory is fit to keep the journal: the owner's alone, on a local disk that can be written to, with room.

Everything is found out before the first request, since after it a record must not fail.
"""

import ctypes
import os
import pwd
import stat
from pathlib import Path
from typing import Final

from enforcer.errors import JournalError
from enforcer.journal import files

FREE_BYTES: Final = 50 * 2**20
"""Less room than that is no room: a large run writes a few MiB, and it is not alone on the disk."""
BALLAST_BYTES: Final = 2**20

_ANOTHER: Final = "choose another directory with --state-dir"
_NETWORK: Final = {
    0x6969: "NFS",
    0x517B: "SMB",
    0xFE534D42: "SMB",
    0xFF534D42: "CIFS",
    0x5346414F: "AFS",
    0x6B414653: "AFS",
    0x00C36400: "Ceph",
    0x0BD00BD0: "Lustre",
    0x47504653: "GPFS",
    0x01161970: "GFS2",
    0x7461636F: "OCFS2",
    0x19830326: "BeeGFS",
    0x65735546: "FUSE",
}
"""What statfs(2) calls the file systems whose locks or shared memory other hosts may not see."""


def make_ready(state_dir: Path, *, any_file_system: bool = False) -> None:
    """
    Make sure that *state_dir* exists, with the mode 0700 if it is new, and that a record in it can be relied on.

    *any_file_system* lets network file systems pass. Raises JournalError with the path and the way out, and OSError
    if the directory cannot be made or looked at.
    """
    _check_no_link(state_dir)
    files.make_private(state_dir)
    _check(state_dir, any_file_system=any_file_system)


def keep_room(state_dir: Path) -> None:
    """
    Make sure that a whole run can be recorded, and keep room for its last records (`give_up_ballast`).

    Raises JournalError if the disk is too full or mounted read-only, and OSError if the room cannot be kept.
    """
    _check_room(state_dir)
    _lay_ballast(_ballast(state_dir))


def look(state_dir: Path, *, any_file_system: bool = False) -> bool:
    """
    Raise what `make_ready` and `keep_room` would, and make nothing; return whether there is a directory already.

    Of one that is to be made, only its parents can be judged.
    """
    _check_no_link(state_dir)
    there = next(path for path in (state_dir.absolute(), *state_dir.absolute().parents) if path.exists())
    if not there.is_dir() or not os.access(there, os.W_OK | os.X_OK):
        raise JournalError(
            f"{there} is no directory that this user may write to", hint=f"Check its owner and mode, or {_ANOTHER}."
        )
    if there != state_dir.absolute():
        return False
    _check(state_dir, any_file_system=any_file_system)
    _check_room(state_dir)
    return True


def check_file(path: Path) -> None:
    """Raise JournalError if the file *path*, which may be missing, is not the owner's own to write."""
    try:
        found = path.lstat()
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise JournalError(f"{path} is no regular file", hint=f"Move it away, or {_ANOTHER}.")
    if found.st_uid != os.geteuid():
        raise JournalError(
            f"{path} belongs to {_name(found.st_uid)}, and enforcer runs as {_name(os.geteuid())}",
            hint=f"Give it to the one who runs enforcer, chown {_login(os.geteuid())} {path}, or {_ANOTHER}.",
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o600 != 0o600 or mode & 0o022:
        raise JournalError(
            f"{path} has the mode {mode:04o}; its owner has to be able to write to it, and nobody else",
            hint=f"Set it right, chmod 0600 {path}, or {_ANOTHER}.",
        )


def give_up_ballast(state_dir: Path) -> None:
    """Free the room that was kept for the last records of a run whose disk is full."""
    _ballast(state_dir).unlink(missing_ok=True)


def check_file_system(state_dir: Path, magic: int) -> None:
    """Raise JournalError if *magic*, statfs(2)'s word for a file system, is that of a network."""
    name = _NETWORK.get(magic)
    if name is not None:
        raise JournalError(
            f"the state directory {state_dir} is on a network file system ({name}): locks and the journal cannot "
            "rely on it",
            hint="Choose a local disk with --state-dir, or take the risk with --unsafe-state-fs.",
        )


def _check_no_link(state_dir: Path) -> None:
    if state_dir.is_symlink():
        raise JournalError(
            f"the state directory {state_dir} is a symbolic link",
            hint=f"Name the directory itself: --state-dir {state_dir.resolve()}",
        )


def _check(state_dir: Path, *, any_file_system: bool) -> None:
    _check_owner(state_dir, state_dir.stat())
    if not any_file_system:
        check_file_system(state_dir, _file_system(state_dir))


def _check_owner(state_dir: Path, found: os.stat_result) -> None:
    if found.st_uid != os.geteuid():
        raise JournalError(
            f"the state directory {state_dir} belongs to {_name(found.st_uid)}, and enforcer runs as "
            f"{_name(os.geteuid())}",
            hint=f"Run enforcer as {_name(found.st_uid)}, or {_ANOTHER}.",
        )
    mode = stat.S_IMODE(found.st_mode)
    if mode & 0o022:
        raise JournalError(
            f"others may write to the state directory {state_dir}: its mode is {mode:04o}",
            hint=f"Take that away, chmod go-w {state_dir}, or name one below it that enforcer makes itself, "
            f"--state-dir {state_dir / 'enforcer'}",
        )


def _name(uid: int) -> str:
    login = _login(uid)
    return f"uid {uid}" if login.isdecimal() else f"{login} (uid {uid})"


def _login(uid: int) -> str:
    """Return the name of a user as commands take it, which is the number of one that has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _file_system(path: Path) -> int:
    """Return the ``f_type`` of statfs(2), the first field of its structure, which Python does not show."""
    libc = ctypes.CDLL(None, use_errno=True)
    structure = ctypes.create_string_buffer(512)
    if libc.statfs(os.fsencode(path), structure) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(path))
    return ctypes.c_long.from_buffer(structure).value & 0xFFFFFFFF


def _check_room(state_dir: Path) -> None:
    found = os.statvfs(state_dir)
    if found.f_flag & os.ST_RDONLY:
        raise JournalError(
            f"the state directory {state_dir} is on a file system that is mounted read-only",
            hint=f"Mount it for writing, or {_ANOTHER}.",
        )
    free = found.f_bavail * found.f_frsize
    if free < FREE_BYTES:
        raise JournalError(
            f"the disk of the state directory {state_dir} is nearly full: {free / 2**20:.1f} MiB are free, "
            f"{FREE_BYTES // 2**20} are needed",
            hint=f"Make room, or {_ANOTHER}.",
        )


def _ballast(state_dir: Path) -> Path:
    return state_dir / "ballast"


def _lay_ballast(path: Path) -> None:
    """Keep room for the last records: give it back to the disk, and they fit (`give_up_ballast`)."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, BALLAST_BYTES)
    finally:
        os.close(descriptor)
