"""Where the state is: the directory, the server if there is one, and how a report gets into it whole or not at all."""

import contextlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from enforcer.errors import JournalError
from enforcer.journal import files

_ELSEWHERE = {
    "report": "Make room or choose another place with --report-dir; `enforcer runs report` prints it again.",
    "metrics": "Give --metrics-file a place in a directory that this user may write to.",
    "plan": "Make room or choose another place with --output.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """Where the state is kept. As a text, it is where the records of runs are, without a password."""

    directory: Path
    """Where the reports are, and the records and locks too unless they are on a server."""
    server: str | None = field(default=None, repr=False)
    """The URL of the database that many hosts share; it may have a password in it."""

    def __str__(self) -> str:
        from enforcer.core.text.database_url import shown

        return str(self.directory) if self.server is None else shown(self.server)

    def run_folder(self, run_id: str) -> Path:
        """Return where the reports of a run are, unless it was told another place."""
        return self.directory / "runs" / run_id


def home(server: str | None, flag: str | None, environ: Mapping[str, str]) -> Home:
    """Return where the state is: on the *server* of --state, if there is one, and in the directory of --state-dir."""
    return Home(directory=directory(flag, environ), server=server)


def directory(flag: str | None, environ: Mapping[str, str]) -> Path:
    """Return the state directory, without making it: --state-dir, the environment's names, then the user's own."""
    for chosen in (flag, environ.get("ENFORCER_STATE_DIR"), _of_service(environ)):
        if chosen:
            return Path(chosen)
    base = environ.get("XDG_STATE_HOME")
    return (Path(base) if base else Path.home() / ".local" / "state") / "enforcer"


def _of_service(environ: Mapping[str, str]) -> Path | None:
    """Return the directory that systemd has made for the service, of several the first; None: it has made none.

    It names one of a dynamic user by a link of its own, as which the directory itself cannot be told from anybody's.
    """
    first = environ.get("STATE_DIRECTORY", "").partition(":")[0]
    # Unlike Path.resolve, this leaves links that lead in a circle to whoever opens them.
    return Path(os.path.realpath(first)) if first else None


def forget(folder: Path, names: Iterable[str]) -> None:
    """Delete the files *names* in *folder*, and the folder too if there is nothing else in it, as far as that goes."""
    with contextlib.suppress(OSError):
        for name in names:
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


def write_whole(path: Path, pieces: Iterable[str], *, what: str = "report", mode: int = 0o600) -> None:
    """Write the *what* in *pieces* to *path* so that a reader finds the old file or the new one, never a half.

    It has the permissions *mode*.

    Raises JournalError if it cannot be written.
    """
    try:
        files.make_private(path.parent)
        files.write_whole(path, pieces, mode=mode)
    except OSError as wrong:
        raise JournalError(
            f"the {what} {path} cannot be written: {wrong.strerror}",
            hint=_ELSEWHERE[what],
        ) from wrong
