"""What a state directory has to be before anything is sent: one's own, local, writable, with room."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from enforcer.errors import ExitCode, JournalError
from enforcer.journal.sqlite import directory, file

AS_ROOT = pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away and mount")


def refusal(state_dir: Path) -> JournalError:
    with pytest.raises(JournalError) as caught:
        file.open_for_run(state_dir)
    assert str(state_dir) in caught.value.message
    assert caught.value.hint
    assert caught.value.exit_code is ExitCode.IO
    return caught.value


@contextmanager
def tmpfs(folder: Path, size: str) -> Iterator[Path]:
    """A disk of its own, of *size*; skips where mounting is not allowed."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "none", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip(f"mounting is not allowed here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_new_one_is_made_with_room_kept_for_the_last_records(tmp_path):
    state_dir = tmp_path / "a" / "state"
    directory.make_ready(state_dir)
    directory.keep_room(state_dir)
    directory.keep_room(state_dir)

    (ballast,) = state_dir.iterdir()
    assert ballast.stat().st_blocks * 512 >= directory.BALLAST_BYTES, "not a hole in a file, but room"
    assert stat.S_IMODE(ballast.stat().st_mode) == 0o600
    directory.give_up_ballast(state_dir)
    directory.give_up_ballast(state_dir)
    assert list(state_dir.iterdir()) == []


@pytest.mark.parametrize("mode", [0o777, 0o770, 0o702, 0o1777])
def test_one_that_others_may_write_to_is_refused(tmp_path, mode):
    tmp_path.chmod(mode)

    assert f"its mode is {mode:04o}" in refusal(tmp_path).message
    directory.make_ready(tmp_path / "enforcer")


def test_one_that_others_may_only_read_is_fit(tmp_path):
    tmp_path.chmod(0o755)
    directory.make_ready(tmp_path)


def test_a_link_is_refused_and_where_it_leads_is_named(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")

    assert str(tmp_path / "real") in (refusal(tmp_path / "link").hint or "")
    assert list((tmp_path / "real").iterdir()) == []


@AS_ROOT
def test_one_that_belongs_to_somebody_else_is_refused(tmp_path):
    os.chown(tmp_path, 65534, 65534)

    assert "(uid 65534), and enforcer runs as root (uid 0)" in refusal(tmp_path).message


@pytest.mark.parametrize("magic", [0x6969, 0xFF534D42, 0xFE534D42, 0x65735546])
def test_a_network_file_system_is_refused_and_the_flag_against_it_named(tmp_path, magic):
    with pytest.raises(JournalError, match="network file system") as caught:
        directory.check_file_system(tmp_path, magic)
    assert "--unsafe-state-fs" in (caught.value.hint or "")


@AS_ROOT
def test_the_kernel_is_asked_for_the_file_system(tmp_path):
    with tmpfs(tmp_path / "state", "64m") as state_dir:
        assert directory._file_system(state_dir) == 0x01021994


@AS_ROOT
def test_a_disk_with_too_little_room_is_refused_and_nothing_is_put_there(tmp_path):
    with tmpfs(tmp_path / "state", "64k") as state_dir:
        assert "0.1 MiB are free, 50 are needed" in refusal(state_dir).message
        assert list(state_dir.iterdir()) == []


@AS_ROOT
def test_what_is_no_run_needs_little_room(tmp_path):
    with tmpfs(tmp_path / "state", "4m") as state_dir:
        file.open_to_write(state_dir).close()

        assert "nearly full" in refusal(state_dir).message


@AS_ROOT
def test_a_disk_that_is_mounted_read_only_is_refused(tmp_path):
    with tmpfs(tmp_path / "state", "64m") as state_dir:
        file.open_to_write(state_dir).close()
        subprocess.run(["mount", "-o", "remount,ro", str(state_dir)], check=True)

        assert "mounted read-only" in refusal(state_dir).message


def test_something_else_in_the_place_of_the_room_that_is_kept_is_an_error_with_its_path(tmp_path):
    (tmp_path / "ballast").symlink_to(tmp_path / "elsewhere")

    assert "ballast cannot be opened" in refusal(tmp_path).message
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize("mode", [0o400, 0o200, 0o000, 0o620, 0o666])
@pytest.mark.parametrize("name", ["journal.db", "journal.db-wal"])
def test_a_file_that_its_owner_may_not_write_to_or_others_may_is_refused(tmp_path, name, mode):
    file.open_to_write(tmp_path).close()
    (tmp_path / name).touch()
    (tmp_path / name).chmod(mode)

    assert f"{name} has the mode {mode:04o}" in refusal(tmp_path).message
    with pytest.raises(JournalError, match=f"{mode:04o}"):
        file.look(tmp_path)


@AS_ROOT
def test_a_file_that_belongs_to_somebody_else_is_refused_with_the_command_that_mends_it(tmp_path):
    file.open_to_write(tmp_path).close()
    os.chown(tmp_path / "journal.db", 65534, 65534)

    found = refusal(tmp_path)
    assert "journal.db belongs to" in found.message
    assert f"chown root {tmp_path}/journal.db" in (found.hint or "")


def test_a_damaged_journal_is_refused_before_anything_is_added(tmp_path):
    file.open_to_write(tmp_path).close()
    path = file.path_in(tmp_path)
    content = bytearray(path.read_bytes())
    content[2 * 4096 : 3 * 4096] = b"\xff" * 4096
    path.write_bytes(content)

    with pytest.raises(JournalError, match="is damaged") as caught:
        file.open_to_write(tmp_path)
    assert "backup" in (caught.value.hint or "")
    assert path.read_bytes() == content
