"""Folders of the state directory: private, and there after a power cut."""

import os
import stat
from pathlib import Path

import pytest

from enforcer.journal import files


@pytest.fixture
def synced(monkeypatch) -> list[str]:
    """What has been synced, by its path."""
    paths: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda descriptor: paths.append(os.readlink(f"/proc/self/fd/{descriptor}")))  # noqa: PTH115 - a link of the kernel's
    return paths


def test_each_folder_on_the_way_is_private_and_its_name_is_durable(tmp_path: Path, synced: list[str]):
    files.make_private(tmp_path / "a" / "b")

    assert synced == [str(tmp_path), str(tmp_path / "a")]
    assert [stat.S_IMODE(folder.stat().st_mode) for folder in (tmp_path / "a", tmp_path / "a" / "b")] == [0o700] * 2


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path, synced: list[str]):
    tmp_path.chmod(0o750)

    files.make_private(tmp_path)

    assert synced == []
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o750
