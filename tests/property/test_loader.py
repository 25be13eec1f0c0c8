"""Any text either is a policy or has problems with places; what is taken arrives as it was written."""

import json
import re
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.errors import PolicyError
from enforcer.model.policy import Policy
from enforcer.policyfile import load_text

BRIEFLY = settings(deadline=timedelta(seconds=2), max_examples=300)

LINES = [
    "version: 1",
    "name: ",
    "rules:",
    "- id: a",
    "  match: ",
    "  mode: auto",
    "targets: ",
    "limits: ",
    "eligible: ",
]
SIGNS = ["{", "}", "[", "]", ",", ": ", "- ", "? ", "&a ", "*a", "!t ", "!!str ", "<<", "%YAML 1.1", "---", "...", "#"]
SPACES = ["|", ">", "|-\n", "'", '"', "\\", "\n", "\n  ", "\n    ", "\t", "\r", " ", "\ufeff", "\x85", "\u2028", "\0"]
VALUES = [
    "re:(",
    "*",
    "[x",
    "0",
    "-1",
    "1e9",
    "~",
    "null",
    "2030-12-31T00:00:00Z",
    "5/s",
    "unlimited",
    "😀",
    '"\\ud800"',
]
FRAGMENTS = st.sampled_from([*LINES, *SIGNS, *SPACES, *VALUES])


def attempt(data: bytes) -> Policy | PolicyError:
    try:
        return load_text(data, "p")
    except PolicyError as error:
        return error


def check_places(error: PolicyError, text: str) -> None:
    lines = re.split("\r\n|\r|\n", text.removeprefix("\ufeff"))
    for problem in error.problems:
        assert 1 <= problem.line <= len(lines)
        assert 1 <= problem.column <= len(lines[problem.line - 1]) + 1
        assert str(problem).isprintable()


@given(st.binary(max_size=300))
@BRIEFLY
def test_any_bytes_are_a_policy_or_have_problems(data):
    outcome = attempt(data)

    assert isinstance(outcome, Policy) or outcome.problems


@given(st.text(max_size=200))
@BRIEFLY
def test_any_text_has_problems_with_places_inside_it(text):
    outcome = attempt(text.encode("utf-8", "replace"))

    assert isinstance(outcome, PolicyError)
    check_places(outcome, text.encode("utf-8", "replace").decode())


@given(st.lists(FRAGMENTS, max_size=40).map("".join))
@BRIEFLY
def test_any_heap_of_yaml_is_a_policy_or_has_problems_with_places_inside_it(text):
    outcome = attempt(text.encode())

    if isinstance(outcome, PolicyError):
        assert outcome.problems
        check_places(outcome, text)


@given(st.data())
@BRIEFLY
def test_a_policy_cut_or_changed_anywhere_is_a_policy_or_has_problems_with_places_inside_it(data):
    whole = (
        "version: 1\nname: x\nrules:\n  - id: a\n    match: {task_name: ['*-wan', \"b\"], not: {status: [X, Y]}}\n"
        "    mode: auto\n    reason: >\n      Some\n      words\n    expires: 2030-12-31T00:00:00Z\n"
        "limits: {rate: 5/s}\n"
    )
    place = data.draw(st.integers(0, len(whole)))
    length = data.draw(st.integers(0, 5))
    text = whole[:place] + data.draw(st.just("") | FRAGMENTS) + whole[place + length :]

    outcome = attempt(text.encode())

    if isinstance(outcome, PolicyError):
        check_places(outcome, text)


@given(st.text("0123456789abcdef", min_size=8, max_size=8))
@BRIEFLY
def test_an_id_without_quotes_stays_the_id(task_id):
    assert load_text(f"version: 1\neligible: {{task_id: {task_id}}}".encode(), "p").eligible.task_id == (task_id,)


@given(
    st.text(st.characters(min_codepoint=0x20, max_codepoint=0x24F, exclude_categories=["C"]), min_size=1, max_size=50)
)
@BRIEFLY
def test_an_escaped_pattern_arrives_as_it_was_written(text):
    pattern = re.sub(r"([\\*?\[\]])", r"\\\1", text).replace("re:", "r\\e:")

    loaded = load_text(f"version: 1\neligible: {json.dumps(pattern)}".encode(), "p")

    assert loaded.eligible.task_id == (pattern,)
