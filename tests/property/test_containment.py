"""Containment of globs, against every short text over a small alphabet, which has a letter that no glob names."""

from itertools import product

import pytest
import re2
from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.patterns import pattern
from enforcer.core.patterns.containment import covers

TEXTS = ["".join(chars) for length in range(6) for chars in product("abcd", repeat=length)]

parts = st.sampled_from(["a", "b", "*", "?", "[ab]", "[!a]", "[a-c]"])
globs = st.lists(parts, min_size=1, max_size=4).map("".join)


def hit_by(glob):
    found = pattern.parse(glob)
    expression = {
        pattern.Kind.EXACT: pattern._quoted,
        pattern.Kind.PREFIX: lambda text: "".join(map(pattern._quoted, text)) + ".*",
        pattern.Kind.SUFFIX: lambda text: ".*" + "".join(map(pattern._quoted, text)),
        pattern.Kind.ANY: lambda _: ".*",
        pattern.Kind.REGEX: lambda text: text,
    }[found.kind]
    if found.kind is pattern.Kind.EXACT:
        return {text for text in TEXTS if text == found.text}
    compiled = re2.compile(f"(?s:{expression(found.text)})")
    return {text for text in TEXTS if compiled.fullmatch(text)}


@settings(max_examples=200, deadline=None)
@given(st.lists(globs, max_size=3), globs)
def test_a_glob_is_covered_if_no_text_escapes(coverers, covered):
    escaped = hit_by(covered) - set().union(*map(hit_by, coverers))

    assert covers(coverers, covered) is (escaped == set())


@pytest.mark.parametrize(
    ("coverers", "covered", "expected"),
    [
        (["pay-*"], "pay-1*", True),
        (["pay-1*"], "pay-*", False),
        (["x", "xa*", "x[!a]*"], "x*", True),
        (["xa*", "x[!a]*"], "x*", False),
        (["a", "b"], "[ab]", True),
        (["[a-m]*", "[!a-m]*"], "?*", True),
        (["re:a+"], "re:a+", True),
        (["re:a+"], "a", False),
        (["re:a*"], "re:a+", False),
        (["**"], "re:a+", True),
        ([], "a", False),
        (["?*"], "*", False),
        ([r"\**"], r"\*x", True),
        (["*" + "a?" * 20 + "*"], "*" + "?a" * 20 + "*", False),
    ],
)
def test_what_is_covered_by_what(coverers, covered, expected):
    assert covers(coverers, covered) is expected
