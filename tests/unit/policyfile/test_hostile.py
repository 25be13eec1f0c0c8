"""Texts made to hurt: each is refused, with a place, in a blink."""

import os
import re
import time
from pathlib import Path

import pytest

from enforcer.errors import PolicyError
from enforcer.policyfile import load, load_text

HEAD = "version: 1\n"
RULE = "- {{id: r{0}, match: {{task_name: a{0}}}, mode: auto, reason: because {0}}}\n"

TEXTS = {
    "merge bomb": "a0: &a0 {x: 1}\n" + "".join(f"a{n}: &a{n} {{<<: [*a{n - 1}, *a{n - 1}]}}\n" for n in range(1, 30)),
    "alias bomb": "a0: &a0 [x]\n" + "".join(f"a{n}: &a{n} [{f'*a{n - 1}, ' * 9}]\n" for n in range(1, 12)),
    "alias of itself": "name: &a [*a]",
    "deep flow": "rules: " + "[" * 5000,
    "deep mappings": "rules: " + "{a: " * 5000,
    "deep complex keys": "{? " * 5000,
    "deep dashes": "- " * 5000,
    "deep blocks": "".join(" " * n + "a:\n" for n in range(1000)),
    "200k escapes": 'name: "' + "\\x41" * 200_000 + '"',
    "wide list": "rules: [" + "a," * 500_000 + "]",
    "wide mapping": "{" + "a: ,\n" * 200_000 + "}",
    "unknown keys": "".join(f"defaul{n}: 1\n" for n in range(49_000)),
    "repeated keys": "version: 1\n" * 49_000,
    "long text": "name: " + "x" * 1_000_000,
    "long key": "x" * 1_000_000 + ": 1",
    "long number": "limits: {concurrency: " + "9" * 1_000_000 + "}",
    "open quote": 'name: "' + "x" * 1_000_000,
    "line breaks": 'name: "' + "\n" * 1_000_000,
    "colons": ":" * 1_000_000,
    "question marks": "? " * 500_000,
    "documents": "---\n" * 250_000,
    "directives": "%a\n" * 300_000,
    "anchors": "&a " * 300_000,
    "forbidden characters": "\u202e" * 300_000,
    "forbidden characters far down": "\n" * 500_000 + "\u202e" * 5000,
    "too many rules": "rules:\n" + "".join(f"- {{id: r{n}, match: x, mode: auto}}\n" for n in range(5001)),
    "one id": "rules:\n" + "- {id: r, match: x, mode: auto}\n" * 5000,
    "long mode": "default: " + "aut" * 300,
}


def refused(data: bytes) -> PolicyError:
    with pytest.raises(PolicyError) as raised:
        load_text(data, "p")
    return raised.value


@pytest.mark.parametrize("name", TEXTS)
def test_a_hostile_text_is_refused_with_places_in_a_blink(name):
    text = (HEAD + TEXTS[name])[: 1 << 19]
    lines = len(re.split("\r\n|\r|\n", text))
    began = time.process_time()

    error = refused(text.encode())

    assert time.process_time() - began < 10
    assert 1 <= len(error.problems) <= 1001
    assert all(1 <= problem.line <= lines and problem.column >= 1 for problem in error.problems)
    assert all(len(problem.message) < 1000 for problem in error.problems)


def test_as_many_rules_as_allowed_are_taken():
    loaded = load_text((HEAD + "rules:\n" + "".join(map(RULE.format, range(5000)))).encode(), "p")

    assert len(loaded.rules) == 5000
    assert loaded.rules[-1].id == "r4999"


def test_twenty_levels_are_too_many_for_a_policy_and_not_for_the_reader():
    assert "expected" in refused(f"a: {'[' * 19}{']' * 19}".encode()).problems[0].message
    assert not any("too deep" in each.message for each in refused(f"a: {'[' * 19}{']' * 19}".encode()).problems)
    assert any("too deep" in each.message for each in refused(f"a: {'[' * 20}{']' * 20}".encode()).problems)


def test_a_text_of_just_the_largest_size_is_read():
    padded = HEAD.encode() + b"#" * ((1 << 20) - len(HEAD))

    assert load_text(padded, "p").rules == ()
    assert str(refused(padded + b"#")) == "p:1:1: too large; expected at most 1048576 bytes in all files together"


def fifo(folder: Path) -> Path:
    os.mkfifo(folder / "p.yaml")
    return folder / "p.yaml"


def sparse(folder: Path) -> Path:
    with (folder / "p.yaml").open("wb") as file:
        file.truncate(100 << 20)
    return folder / "p.yaml"


def empty(folder: Path) -> Path:
    (folder / "p.yaml").touch()
    return folder / "p.yaml"


def dangling(folder: Path) -> Path:
    (folder / "p.yaml").symlink_to("nowhere")
    return folder / "p.yaml"


def looping(folder: Path) -> Path:
    (folder / "p.yaml").symlink_to("p.yaml")
    return folder / "p.yaml"


def inside_a_file(folder: Path) -> Path:
    return empty(folder) / "q.yaml"


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (fifo, "not a regular file"),
        (sparse, "too large"),
        (empty, "nothing in it"),
        (dangling, "no such file"),
        (looping, "cannot be read (Too many levels of symbolic links)"),
        (inside_a_file, "cannot be read (Not a directory)"),
        (lambda folder: folder, "a folder without a policy"),
        (lambda folder: folder / "missing.yaml", "no such file"),
        (lambda folder: folder / ("x" * 300), "cannot be listed (File name too long)"),
        (lambda _: "/dev/zero", "not a regular file"),
        (lambda _: "/dev/null", "not a regular file"),
        (lambda _: "/proc/self/mem", "cannot be read (Input/output error)"),
        (lambda _: "", "no such file"),
        (lambda _: "a\0b", "cannot be read (embedded null byte)"),
    ],
)
def test_what_is_no_policy_file_is_refused_without_waiting(tmp_path, make, message):
    with pytest.raises(PolicyError) as raised:
        load(str(make(tmp_path)))

    [problem] = raised.value.problems
    assert problem.message.startswith(message)
    assert (problem.line, problem.column) == (1, 1)


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_an_unreadable_file_is_refused(tmp_path):
    (tmp_path / "p.yaml").write_text("version: 1")
    (tmp_path / "p.yaml").chmod(0)

    with pytest.raises(PolicyError, match="Permission denied"):
        load(str(tmp_path / "p.yaml"))
