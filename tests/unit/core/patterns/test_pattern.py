import pytest

from enforcer.core.patterns.pattern import Kind, parse


@pytest.mark.parametrize(
    ("text", "kind", "literal"),
    [
        ("abc", Kind.EXACT, "abc"),
        (r"a\*", Kind.EXACT, "a*"),
        (r"\[x]", Kind.EXACT, "[x]"),
        ("00112233", Kind.EXACT, "00112233"),
        ("8a7f*", Kind.PREFIX, "8a7f"),
        ("8a7f**", Kind.PREFIX, "8a7f"),
        ("*-wan", Kind.SUFFIX, "-wan"),
        ("*", Kind.ANY, ""),
        ("**", Kind.ANY, ""),
    ],
)
def test_the_shape_of_a_pattern_is_found(text, kind, literal):
    found = parse(text)

    assert (kind, literal) == (found.kind, found.text)


@pytest.mark.parametrize("text", ["a*b", "a?", "[ab]c", "*a*", "re:a.*"])
def test_what_is_no_literal_becomes_an_expression(text):
    assert Kind.REGEX is parse(text).kind


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("[ab", "never closed"),
        ("[", "never closed"),
        ("[!", "never closed"),
        ("[]", "never closed"),
        ("ab\\", "ends with a single"),
        ("[a\\", "expected a character after it"),
        ("[z-a]", "backwards"),
        ("re:", "nothing follows"),
        ("re:(", "RE2 refuses"),
        ("re:(?=a)", "RE2 refuses"),
        (r"re:(a)\1", "RE2 refuses"),
        ("re:(a{1000}){1000}", "RE2 refuses"),
        ("a" * 1025, "1025 characters"),
    ],
)
def test_a_malformed_pattern_is_refused_with_what_was_expected(text, complaint):
    with pytest.raises(ValueError, match=r"expected|refuses") as refused:
        parse(text)

    assert complaint in str(refused.value)
