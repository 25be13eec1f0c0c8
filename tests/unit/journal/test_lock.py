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
from enforcer.journal import lock
from enforcer.journal.lock import Locks
from enforcer.model.lock import Holder, StopRequest

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


def test_the_second_is_told_who_the_first_is(tmp_path):
    with holding(tmp_path):
        busy = Locks(tmp_path, [EAST], a_holder("run-2")).take()

        assert busy is not None
        assert (busy.endpoint, busy.project_id, busy.is_held) == (*EAST, True)
        assert busy.holder == a_holder()
    assert is_free(tmp_path)


@pytest.mark.parametrize(
    "other",
    [WEST, (EAST[0], "project-2"), ("https://dcs.east.example.com:8443", "project-1")],
    ids=["endpoint", "project", "port"],
)
def test_another_project_or_endpoint_is_another_lock(tmp_path, other):
    with holding(tmp_path):
        assert is_free(tmp_path, other)


@pytest.mark.parametrize(
    "spelling", ["https://DCS.East.example.com", "https://dcs.east.example.com/", "https://dcs.east.example.com:443"]
)
def test_one_endpoint_has_one_lock_however_it_is_written(tmp_path, spelling):
    with holding(tmp_path):
        assert not is_free(tmp_path, (spelling, EAST[1]))


def test_a_project_that_two_targets_share_is_taken_once(tmp_path):
    with holding(tmp_path, EAST, WEST, EAST):
        assert not is_free(tmp_path, WEST)


def test_every_run_takes_its_locks_in_the_same_order(tmp_path):
    """What the one has to wait for first, the other has not got either: neither holds what the other still needs."""
    with holding(tmp_path, EAST, WEST):
        there = Locks(tmp_path, [EAST, WEST], a_holder()).take()
        back = Locks(tmp_path, [WEST, EAST], a_holder()).take()

        assert there == back


def test_those_that_can_be_had_are_kept_until_the_rest_is_free(tmp_path):
    first, second = sorted((EAST, WEST), key=lambda project: lock._path(tmp_path, *project))
    with holding(tmp_path, second) as other:
        both = Locks(tmp_path, [first, second], a_holder("run-2"))

        assert (both.take().endpoint, both.take().endpoint) == (second[0], second[0])
        assert not is_free(tmp_path, first)
        other.release()
        assert both.take() is None
        both.release()


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
from enforcer.journal.lock import Locks
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
        process.wait(10)
        assert is_free(tmp_path)


def test_a_child_of_the_holder_does_not_inherit_it(tmp_path):
    locks = Locks(tmp_path, [EAST], a_holder())
    assert locks.take() is None
    with Popen(["sleep", "60"], close_fds=False) as child:
        locks.release()
        assert is_free(tmp_path)
        child.kill()


def test_the_kernel_says_whether_a_lock_is_held_and_the_file_who_had_it_last(tmp_path):
    assert lock.states(tmp_path) == ()
    with holding(tmp_path, WEST, holder=a_holder("run-0")):
        pass
    with another_process(tmp_path):
        found = lock.states(tmp_path)

    assert [(state.endpoint, state.is_held, state.holder.run_id) for state in found] == [
        (EAST[0], True, "run-1"),
        (WEST[0], False, "run-0"),
    ]


def test_asking_who_holds_a_lock_keeps_nobody_out_afterwards(tmp_path):
    with holding(tmp_path):
        pass
    lock.states(tmp_path)

    assert is_free(tmp_path)


@pytest.mark.parametrize("content", [b"", b"{", b'{"endpoint": 1}', b"\xff" * 20000])
def test_a_file_that_says_nothing_legible_locks_all_the_same(tmp_path, content):
    with holding(tmp_path):
        only_file(tmp_path).write_bytes(content)

        assert Locks(tmp_path, [EAST], a_holder()).take().holder is None
        assert lock.states(tmp_path) == ()
    assert is_free(tmp_path)


def a_request(at: float, by_run: str | None = None) -> StopRequest:
    return StopRequest(who="kim on db1", why="INC-7", at=at, by_run=by_run)


def test_a_holder_that_is_asked_to_stop_hears_who_asks_and_why(tmp_path):
    with holding(tmp_path) as locks:
        asked = lock.request_stop(tmp_path, *EAST, a_request(at=1001.0))
        objection = locks.objection()

    assert asked.holder == a_holder()
    assert objection.exit_code == ExitCode.ABORTED
    assert objection.message == "kim on db1 asked for a stop: INC-7"


def test_nobody_is_asked_where_nobody_holds_the_lock(tmp_path):
    assert lock.request_stop(tmp_path, *EAST, a_request(at=1001.0)) is None
    with holding(tmp_path):
        pass
    assert lock.request_stop(tmp_path, *EAST, a_request(at=1001.0)) is None

    with holding(tmp_path) as locks:
        assert locks.objection() is None


def test_a_request_from_before_the_holder_set_out_is_not_for_it(tmp_path):
    with holding(tmp_path):
        lock.request_stop(tmp_path, *EAST, a_request(at=1001.0))
    with holding(tmp_path, holder=a_holder("run-2", since=1002.0)) as locks:
        assert locks.objection() is None
        lock.request_stop(tmp_path, *EAST, a_request(at=1003.0))
        assert locks.objection() is not None


def test_the_holder_of_several_locks_hears_a_request_at_any_of_them(tmp_path):
    with holding(tmp_path, EAST, WEST) as locks:
        lock.request_stop(tmp_path, *WEST, a_request(at=1001.0))

        assert locks.objection() is not None


def test_a_run_does_not_heed_what_it_asked_of_the_holder_before_it(tmp_path):
    with holding(tmp_path):
        lock.request_stop(tmp_path, *EAST, a_request(at=1003.0, by_run="run-2"))
    with holding(tmp_path, holder=a_holder("run-2", since=1002.0)) as locks:
        assert locks.objection() is None
    with holding(tmp_path, holder=a_holder("run-3", since=1002.0)) as locks:
        assert locks.objection() is not None


def test_a_request_that_is_no_request_stops_nobody(tmp_path):
    with holding(tmp_path) as locks:
        only_file(tmp_path).with_suffix(".stop").write_bytes(b"stop!")

        assert locks.objection() is None
