"""Where the state directory is, and files that are there whole or not at all."""

from pathlib import Path

import pytest

from enforcer.cli import state
from enforcer.errors import JournalError

NAMES = {
    "ENFORCER_STATE_DIR": "/own",
    "STATE_DIRECTORY": "/systemd:/second",
    "XDG_STATE_HOME": "/xdg",
    "HOME": "/home/me",
}
IN_ORDER = [
    ("/flag", NAMES, "/flag"),
    (None, NAMES, "/own"),
    (None, {name: NAMES[name] for name in ("STATE_DIRECTORY", "XDG_STATE_HOME")}, "/systemd"),
    (None, {"XDG_STATE_HOME": "/xdg"}, "/xdg/enforcer"),
    ("", {"ENFORCER_STATE_DIR": "", "STATE_DIRECTORY": "", "XDG_STATE_HOME": "/xdg"}, "/xdg/enforcer"),
]


@pytest.mark.parametrize(("flag", "environ", "expected"), IN_ORDER)
def test_the_flag_comes_first_then_the_names_in_their_order(flag, environ, expected):
    assert state.directory(flag, environ) == Path(expected)


def test_the_link_by_which_systemd_names_a_dynamic_user_s_directory_is_followed(tmp_path):
    link = tmp_path / "enforcer"
    link.symlink_to("private/enforcer")

    assert state.directory(None, {"STATE_DIRECTORY": f"{link}:/second"}) == tmp_path / "private" / "enforcer"
    assert state.directory(str(link), {}) == link, "nobody else's"


def test_links_of_the_environment_that_lead_in_a_circle_are_for_whoever_opens_them(tmp_path):
    (tmp_path / "one").symlink_to("two")
    (tmp_path / "two").symlink_to("one")

    assert state.directory(None, {"STATE_DIRECTORY": str(tmp_path / "one")}).parent == tmp_path
    assert state.directory("/flag", {"STATE_DIRECTORY": str(tmp_path / "one")}) == Path("/flag")


def test_at_last_it_is_the_user_s_own(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")

    assert state.directory(None, {}) == Path("/home/me/.local/state/enforcer")


def test_a_file_is_written_with_its_folder_and_replaced_as_a_whole(tmp_path):
    path = tmp_path / "runs" / "one" / "report.md"
    state.write_whole(path, "first")
    state.write_whole(path, "second ä")

    assert path.read_text(encoding="utf-8") == "second ä"
    assert list(path.parent.iterdir()) == [path]
    assert path.parent.stat().st_mode & 0o077 == 0
    assert path.stat().st_mode & 0o077 == 0


def test_what_is_made_on_the_way_to_a_report_is_the_owner_s_alone(tmp_path):
    state.write_whole(tmp_path / "runs" / "a run" / "report.json", "{}")

    made = tmp_path / "runs", tmp_path / "runs" / "a run"
    assert [folder.stat().st_mode & 0o777 for folder in made] == [0o700, 0o700]


def test_what_cannot_be_written_is_an_error_of_the_state_and_leaves_the_old_file(tmp_path):
    path = tmp_path / "report.md"
    state.write_whole(path, "old")

    with pytest.raises(UnicodeEncodeError):
        state.write_whole(path, "\ud800")
    with pytest.raises(JournalError, match=r"report\.md"):
        state.write_whole(path / "below" / "report.md", "new")

    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
