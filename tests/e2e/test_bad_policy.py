"""Exit code 65: a policy that cannot be used, with everything that is wrong in it, before anything is asked."""

import os

import pytest

from tests.e2e.policies import nightly
from tests.simulated import simulator

MANY_FAULTS = """\
version: 1
name: nightly
rules:
  - id: one
    match: {task_nam: "pay-*"}
    mode: atuo
  - id: one
    match: {task_name: "re:("}
    mode: manual
limits: {rate: fast}
"""


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"# nothing but a comment\n", id="only a comment"),
        pytest.param(bytes(range(256)), id="binary"),
        pytest.param(b"\x00" * 1000, id="zeroes"),
        pytest.param("version: 1\nname: ä\n".encode("latin-1"), id="latin-1"),
        pytest.param("version: 1\n".encode("utf-16"), id="utf-16"),
        pytest.param(b"- a\n- b\n", id="a list"),
        pytest.param(b"{", id="not YAML"),
        pytest.param(b"version: 2\nname: x\n", id="another version"),
        pytest.param(b"a: " * 2000, id="odd nesting"),
        pytest.param(b"[" * 5000, id="deep"),
        pytest.param(b"version: 1\nname: " + b"x" * 2_000_000, id="large"),
        pytest.param(b"version: 1\nname: &a x\nrules: *a\n", id="alias"),
        pytest.param(b"version: 1\nname: !!python/object:os.system x\n", id="tag"),
    ],
)
def test_whatever_is_no_policy_is_refused_without_a_traceback(enforcer, content):
    path = enforcer.folder / "policy.yaml"
    path.write_bytes(content)
    outcome = enforcer("check", path)

    assert outcome.code == 65, outcome
    assert outcome.out == ""
    assert "policy.yaml" in outcome.err
    assert "Traceback" not in outcome.err
    assert len(outcome.err) < 10_000


def test_a_policy_that_is_not_there_is_named(enforcer):
    outcome = enforcer("check", enforcer.folder / "nowhere.yaml")

    assert outcome.code == 65, outcome
    assert "nowhere.yaml" in outcome.err


def test_a_folder_without_policies_is_no_policy(enforcer):
    (enforcer.folder / "empty.d").mkdir()
    (enforcer.folder / "empty.d" / "README.txt").write_text("no policy here")

    assert enforcer("check", enforcer.folder / "empty.d").code == 65


def test_what_is_no_regular_file_is_no_policy_and_is_not_waited_for(enforcer):
    os.mkfifo(enforcer.folder / "pipe.yaml")

    assert enforcer("check", enforcer.folder / "pipe.yaml", timeout_s=15).code == 65
    assert enforcer("check", "/dev/zero", timeout_s=15).code == 65


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_policy_that_may_not_be_read_is_named(enforcer):
    path = enforcer.policy(nightly())
    path.chmod(0)

    assert enforcer("check", path).code == 65


@pytest.mark.parametrize("command", [("check",), ("plan",), ("apply", "--yes")], ids=lambda line: line[0])
def test_every_problem_is_told_at_once_with_its_place_and_nothing_is_asked(enforcer, command):
    path = enforcer.policy(MANY_FAULTS)
    with simulator(drift=0.2) as cloud:
        outcome = enforcer(command[0], path, *command[1:], env=cloud.env)

        assert outcome.code == 65, outcome
        assert cloud.requests() == []
    places = [line.removeprefix(f"{path}:").split(": ")[0] for line in outcome.err.splitlines()]
    assert places == ["5:13", "6:11", "7:9", "8:24", "10:16"], outcome
    assert "auto" in outcome.err
    assert "task_name" in outcome.err


def test_keys_of_later_versions_are_unknown_for_now(enforcer):
    path = enforcer.policy(nightly() + "rollout: {waves: [1, 100%]}\n")

    assert enforcer("check", path).code == 65


def test_a_policy_file_may_have_any_name(enforcer):
    path = enforcer.policy(MANY_FAULTS, "we\x1b[31mird\nname.yaml")
    outcome = enforcer("check", path)

    assert outcome.code == 65, outcome
    assert b"\x1b" not in outcome.err_bytes
    assert enforcer("check", enforcer.policy(nightly(), "ü ä'\".yaml")).code == 0
