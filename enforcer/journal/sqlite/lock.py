"""One run at a time for a project at an endpoint: flock on a file that is never deleted.

The kernel lets go of it when the process dies, however it dies, so there is no stale lock and no way to break one.
What the file has in it is for display only. Beside it, in a file of its own, others may ask the holder to stop.
"""

import contextlib
import fcntl
import hashlib
import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import msgspec
from msgspec import Struct

from enforcer.core.pacing.pleas import heeded
from enforcer.core.text.endpoint import canonical
from enforcer.errors import ExitCode, JournalError
from enforcer.journal import files
from enforcer.model.event import RunStopped
from enforcer.model.lock import Holder, LockState, StopRequest

FOLDER = "locks"

_HINT = "Check the owner and the mode of the state directory, or choose another with --state-dir."
_MAX_BYTES = 8192
"""Far more than a holder or a request has to say."""
_REOPENINGS = 10

T = TypeVar("T")


class _Note(Struct, frozen=True, kw_only=True):
    """What stands in a lock's file."""

    endpoint: str
    project_id: str
    holder: Holder


class Locks:
    """The locks of all projects that a run may change; all of them or none. Implements `ports.Locks`.

    They are taken in the order of their files' names, which is the same for every run, so that of two runs that want
    several each, one gets them all.
    """

    def __init__(self, state_dir: Path, projects: Iterable[tuple[str, str]], holder: Holder) -> None:
        """*projects* are pairs of endpoint and project id; one that comes twice counts once."""
        self._holder = holder
        self._wanted = dict(sorted((_path(state_dir, *project), project) for project in projects))
        self._held: dict[Path, int] = {}

    def take(self) -> LockState | None:
        """Take as many as can be had; return the first that another holds, None when all are held.

        Never waits. Raises JournalError if a file cannot be opened.
        """
        for path, (endpoint, project_id) in self._wanted.items():
            if path in self._held:
                continue
            with _explained(path):
                files.make_private(path.parent)
                descriptor = _locked(path)
                if descriptor is None:
                    return LockState(endpoint=endpoint, project_id=project_id, is_held=True, holder=_holder_in(path))
                self._held[path] = descriptor
                _describe(descriptor, _Note(endpoint=endpoint, project_id=project_id, holder=self._holder))
        return None

    def objection(self) -> RunStopped | None:
        """Return why the holder must stop: a lock is lost, or somebody asks for it. None: it may go on."""
        for path, descriptor in self._held.items():
            if not _is_at(path, descriptor):
                return RunStopped(
                    exit_code=ExitCode.IO,
                    message=f"the lock file {path} was removed or replaced, so another run may have begun",
                    hint="Leave lock files alone: they free themselves. See `enforcer lock`, then run enforcer again.",
                )
            request = _read(_stop_path(path), StopRequest)
            if request is not None and (stop := heeded(request, self._holder)) is not None:
                return stop
        return None

    def release(self) -> None:
        """Give every lock back. The files stay."""
        while self._held:
            _, descriptor = self._held.popitem()
            os.close(descriptor)


def request_stop(state_dir: Path, endpoint: str, project_id: str, request: StopRequest) -> LockState | None:
    """Ask the holder of a lock to stop, and return the lock; None if nobody holds it, and then nothing is written.

    The holder looks about twice a second, finishes what is in flight and ends with exit 5. A later request
    replaces an earlier one. Raises JournalError if it cannot be written.
    """
    path = _path(state_dir, endpoint, project_id)
    with _explained(path):
        if not _is_held(path):
            return None
        files.write_whole(_stop_path(path), [msgspec.json.encode(request).decode()])
    return LockState(endpoint=endpoint, project_id=project_id, is_held=True, holder=_holder_in(path))


def states(state_dir: Path) -> tuple[LockState, ...]:
    """Return every lock that was ever taken below *state_dir*, by endpoint and project. Raises JournalError.

    A file without a legible word of whose it is, which only its first moments explain, is left out.
    """
    found = []
    for path in (state_dir / FOLDER).glob("*.lock"):
        with _explained(path):
            is_held = _is_held(path)
            note = _read(path, _Note)
        if note is not None:
            found.append(
                LockState(endpoint=note.endpoint, project_id=note.project_id, is_held=is_held, holder=note.holder)
            )
    return tuple(sorted(found, key=lambda state: (state.endpoint, state.project_id)))


def _path(state_dir: Path, endpoint: str, project_id: str) -> Path:
    name = hashlib.sha256(f"{canonical(endpoint)}\n{project_id}".encode()).hexdigest()[:16]
    return state_dir / FOLDER / f"{name}.lock"


def _stop_path(path: Path) -> Path:
    return path.with_suffix(".stop")


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise JournalError(f"the lock {error.filename or path} cannot be used: {reason}", hint=_HINT) from error


def _locked(path: Path) -> int | None:
    """Return a descriptor that holds the lock of *path*; None if another process has it."""
    for _ in range(_REOPENINGS):
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            if not _flock(descriptor, fcntl.LOCK_EX):
                os.close(descriptor)
                return None
            if _is_at(path, descriptor):
                return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)  # somebody removed the file between the two calls
    raise JournalError(f"the lock file {path} is removed again and again", hint="Find out what removes it.")


def _flock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether *path* still names the file that was locked: the lock of another file keeps nobody out."""
    try:
        named = path.lstat()
    except OSError:
        return False
    return os.path.samestat(named, os.fstat(descriptor))


def _is_held(path: Path) -> bool:
    """Whether a process has the lock. Asking takes a shared one for an instant, which `take` may run into."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return False
    try:
        return not _flock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _describe(descriptor: int, note: _Note) -> None:
    """Write *note* for display. A disk that is full is not a reason to refuse the lock; the journal will say so."""
    with contextlib.suppress(OSError):
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, msgspec.json.encode(note) + b"\n", 0)


def _holder_in(path: Path) -> Holder | None:
    note = _read(path, _Note)
    return None if note is None else note.holder


def _read(path: Path, kind: type[T]) -> T | None:
    """Return what *path* says; None if it says nothing legible."""
    try:
        with open(os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW), "rb") as file:  # noqa: PTH123 - by descriptor
            return msgspec.json.decode(file.read(_MAX_BYTES), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None
