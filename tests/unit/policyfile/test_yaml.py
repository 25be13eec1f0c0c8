"""Which YAML is taken, and which is refused with its place."""

import re
from pathlib import Path

import pytest

import enforcer
from enforcer.errors import PolicyError
from enforcer.policyfile import load_text


def problems(text: str | bytes) -> list[str]:
    with pytest.raises(PolicyError) as refused:
        load_text(text if isinstance(text, bytes) else text.encode(), "p")
    return [str(problem) for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("version: 1\nname: &x a", "p:2:7: an anchor ('&x') is not allowed"),
        ("version: 1\nname: *x", "p:2:7: an alias ('*x') is not allowed"),
        ("version: 1\nname: !!str a", "p:2:7: a tag ('!!str') is not allowed; every value is read as text"),
        ("version: 1\nname: ! a", "p:2:7: a tag ('!') is not allowed"),
        ("version: 1\nrules: !!python/object/apply:os.system []", "p:2:8: a tag ('!!python/object"),
        ("version: 1\neligible: {<<: {status: X}}", "p:2:12: a merge key ('<<') is not allowed"),
        ("version: 1\nversion: 1", "p:2:1: duplicate key 'version'; it stands in line 1 already"),
        ('version: 1\n"version": 1', "p:2:1: duplicate key 'version'; it stands in line 1 already"),
        ("version: 1\n? [a]\n: b", "p:2:3: a key is no text"),
        ("version: 1\n---\nversion: 1", "p:2:1: a second document begins here"),
        ("%YAML 1.1\n---\nversion: 1", "p:1:1: a % directive is not allowed"),
        ("", "p:1:1: nothing in it; expected a policy"),
        ("# only a comment\n", "p:1:1: nothing in it; expected a policy"),
        ("version: 1\nlimits:\n\trate: 5/s", "p:3:1: not valid YAML: "),
        ("version: 1\nrules: [a,\n b", "p:2:8: not valid YAML: "),
        ('version: 1\nname: "abc\n\n', "p:2:7: not valid YAML: "),
        ("version: 1\n- a", "p:2:1: not valid YAML: "),
        ('version: 1\nname: "\\0"', "p:2:7: the character U+0000 is not allowed"),
        ('version: 1\nname: "\\u202e"', "p:2:7: the character U+202E is not allowed"),
        ('version: 1\nname: "\\e[31m"', "p:2:7: the character U+001B is not allowed"),
        ("version: 1\n# \u202e", "p:2:3: the character U+202E is not allowed"),
        ("version: 1\n# \u2028", "p:2:3: the character U+2028 is not allowed"),
        ("version: 1\n# \ufeff", "p:2:3: the character U+FEFF is not allowed"),
        (b"version: 1\nname: a\0b", "p:1:1: a binary file"),
        ("version: 1".encode("utf-16"), "p:1:1: a binary file"),
        (b"version: 1\nname: \xe9", "p:2:7: not UTF-8 (byte 0xe9)"),
    ],
)
def test_what_yaml_has_and_a_policy_must_not_is_refused_at_its_place(text, message):
    [found] = problems(text)

    assert found.startswith(message)


def test_an_escaped_surrogate_is_refused():
    [found] = problems('version: 1\nname: "\\ud800"')

    assert found.startswith("p:2:")


def test_problems_of_the_yaml_and_of_the_policy_come_together():
    assert [found.split(": ")[0] for found in problems("version: 2\nname: &x a\nname: b\ndefault: !t atuo")] == [
        "p:1:10",
        "p:2:7",
        "p:3:1",
        "p:4:10",
        "p:4:10",
    ]


@pytest.mark.parametrize("text", ["eligible: *-wan-*", "eligible: [*a*, b]", "eligible: *a"])
def test_a_star_without_quotes_is_explained(text):
    assert any('a pattern that begins with * needs quotes, like "*-wan-*"' in each for each in problems(text))


def test_a_tab_for_indentation_is_explained():
    [found] = problems("version: 1\nlimits:\n\trate: 5/s")

    assert found.endswith("; expected spaces, not a tab")


@pytest.mark.parametrize(
    "data",
    [
        b"\xef\xbb\xbfversion: 1",
        b"version: 1\r\nname: x\r\n",
        b"version: 1\rname: x",
        b"---\nversion: 1\n...\n",
        b'{"version": 1}',
        "version: 1 # naïve ✓ 😀".encode(),
    ],
)
def test_a_harmless_difference_of_spelling_is_taken(data):
    assert load_text(data, "p").rules == ()


def test_a_byte_order_mark_moves_no_column():
    assert problems(b"\xef\xbb\xbfversion: 2") == ["p:1:10: unknown version '2'; expected 1"]


def test_only_one_file_knows_yaml_and_it_constructs_nothing():
    sources = {path.name: path.read_text() for path in Path(enforcer.__file__).parent.rglob("*.py")}
    users = [name for name, text in sources.items() if re.search(r"^\s*(import|from) yaml", text, re.MULTILINE)]

    assert users == ["nodes.py"]
    assert not re.search(r"yaml\.(\w*load\w*|compose\w*|YAML\(|\w*Constructor)\b", sources["nodes.py"])
