"""One holder at a time, whatever happens to the file; others may ask who it is, and ask it to stop."""

import os
import signal
import stat
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest

from enforcer.errors import ExitCode, JournalError
from enforcer.journal.sqlite import lock
from enforcer.journal.sqlite.lock import Locks
from enforcer.model.lock import Holder

EAST = ("https://dcs.east.example.com", "project-1")
WEST = ("https://dcs.west.example.com", "project-1")


def a_holder(run_id: str = "run-1", since: float = 1000.0) -> Holder:
    return Holder(run_id=run_id, command="apply", user="kim", host="db1", pid=42, since=since)


@contextmanager
def holding(state_dir: Path, *projects: tuple[str, str], holder: Holder | None = None) -> Iterator[Locks]:
    locks = Locks(state_dir, projects or (EAST,), holder or a_holder())
    assert locks.take() is None
    yield locks
    locks.release()


def is_free(state_dir: Path, *projects: tuple[str, str]) -> bool:
    locks = Locks(state_dir, projects or (EAST,), a_holder("another"))
    try:
        return locks.take() is None
    finally:
        locks.release()


def only_file(state_dir: Path) -> Path:
    (path,) = (state_dir / lock.FOLDER).glob("*.lock")
    return path


def test_files_are_the_owners_alone_and_stay_when_the_lock_is_given_back(tmp_path):
    before = os.umask(0)
    try:
        with holding(tmp_path):
            path = only_file(tmp_path)
            modes = [stat.S_IMODE(each.stat().st_mode) for each in (path, path.parent)]
    finally:
        os.umask(before)

    assert modes == [0o600, 0o700]
    assert only_file(tmp_path) == path


def test_a_link_in_the_place_of_the_file_is_not_followed(tmp_path):
    with holding(tmp_path):
        path = only_file(tmp_path)
    path.unlink()
    path.symlink_to(tmp_path / "elsewhere")

    with pytest.raises(JournalError, match="cannot be used"):
        is_free(tmp_path)
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("replacement", [None, b""], ids=["removed", "replaced"])
def test_a_holder_whose_file_is_no_longer_there_must_stop(tmp_path, replacement):
    with holding(tmp_path) as locks:
        assert locks.objection() is None
        path = only_file(tmp_path)
        path.unlink()
        if replacement is not None:
            path.write_bytes(replacement)

        objection = locks.objection()

    assert objection.exit_code == ExitCode.IO
    assert str(path) in objection.message


def test_a_file_that_is_removed_between_its_opening_and_its_locking_is_not_taken(tmp_path, monkeypatch):
    flock, removals = lock._flock, iter(range(2))

    def with_removal(descriptor: int, kind: int) -> bool:
        if next(removals, None) is not None:
            only_file(tmp_path).unlink()
        return flock(descriptor, kind)

    monkeypatch.setattr(lock, "_flock", with_removal)
    with holding(tmp_path) as locks:
        assert locks.objection() is None


def test_a_lock_that_cannot_be_made_is_an_error_with_its_path(tmp_path):
    (tmp_path / lock.FOLDER).touch()

    with pytest.raises(JournalError, match="locks cannot be used: File exists") as caught:
        is_free(tmp_path)
    assert "--state-dir" in (caught.value.hint or "")


HOLDER = """
import sys, time
from pathlib import Path
from enforcer.journal.sqlite.lock import Locks
from enforcer.model.lock import Holder

holder = Holder(run_id="run-1", command="apply", user="kim", host="db1", pid=42, since=1000.0)
assert Locks(Path(sys.argv[1]), [(sys.argv[2], sys.argv[3])], holder).take() is None
print("held", flush=True)
time.sleep(60)
"""


@contextmanager
def another_process(state_dir: Path) -> Iterator[Popen[bytes]]:
    with Popen([sys.executable, "-c", HOLDER, str(state_dir), *EAST], stdout=subprocess.PIPE) as process:
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_process_that_is_killed_leaves_no_lock(tmp_path):
    with another_process(tmp_path) as process:
        assert not is_free(tmp_path)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert is_free(tmp_path)


def test_a_child_of_the_holder_does_not_inherit_it(tmp_path):
    locks = Locks(tmp_path, [EAST], a_holder())
    assert locks.take() is None
    with Popen(["sleep", "60"], close_fds=False) as child:
        locks.release()
        assert is_free(tmp_path)
        child.kill()


@pytest.mark.parametrize("content", [b"", b"{", b'{"endpoint": 1}', b"\xff" * 20000])
def test_a_file_that_says_nothing_legible_locks_all_the_same(tmp_path, content):
    with holding(tmp_path):
        only_file(tmp_path).write_bytes(content)

        assert Locks(tmp_path, [EAST], a_holder()).take().holder is None
        assert lock.states(tmp_path) == ()
    assert is_free(tmp_path)


def test_a_request_that_is_no_request_stops_nobody(tmp_path):
    with holding(tmp_path) as locks:
        only_file(tmp_path).with_suffix(".stop").write_bytes(b"stop!")

        assert locks.objection() is None
