import pytest
from hypothesis import given
from hypothesis import strategies as st

from enforcer.core.text.visible import visible

ANY_TEXT = st.text(st.characters(exclude_categories=()))


@pytest.mark.parametrize("text", ["", "sh-wan-2", "pay orders (EU) <1>", r"re:pay-\d+", "支付-订单", "Grüße", "📦"])
def test_ordinary_text_stays_as_it_is(text):
    assert visible(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[31mred", r"\x1b[31mred", id="ANSI"),
        pytest.param("a\r\n\tb", r"a\r\n\tb", id="line breaks and tabs"),
        pytest.param("\x00\x7f\x9b", r"\x00\x7f\x9b", id="control characters, C1 too"),
        pytest.param("\u202egnp", r"\u202egnp", id="bidi override"),
        pytest.param("\u2066x\u2069", r"\u2066x\u2069", id="bidi isolate"),
        pytest.param("a\u200bb\ufeff", r"a\u200bb\ufeff", id="zero width"),
        pytest.param("a\u2028b\u2029", r"a\u2028b\u2029", id="line separators"),
        pytest.param("a\xa0b\u3000", r"a\xa0b\u3000", id="spaces that are no space"),
        pytest.param("\udcff", r"\udcff", id="lone surrogate"),
        pytest.param("\U000e0041", r"\U000e0041", id="tag character"),
        pytest.param("\ue000", r"\ue000", id="private use"),
        pytest.param("\u3164\u2800\ufe0f", r"\u3164\u2800\ufe0f", id="printable, and yet nothing to see"),
    ],
)
def test_what_controls_reorders_or_hides_is_written_out(text, shown):
    assert visible(text) == shown


def test_long_text_ends_in_an_ellipsis():
    assert visible("x" * 10, limit=10) == "x" * 10
    assert visible("x" * 11, limit=10) == "x" * 9 + "…"
    assert visible("x", limit=1) == "x"
    assert visible("xy", limit=1) == "…"


def test_a_cut_never_splits_an_escape():
    assert visible("abc\u202edef", limit=8) == "abc…"
    assert visible("abc\u202edef", limit=10) == r"abc\u202e…"


def test_the_length_of_the_input_does_not_matter():
    assert visible("\x1b" * 5_000_000, limit=9) == r"\x1b\x1b…"


@given(ANY_TEXT, st.integers(1, 80))
def test_the_answer_is_printable_encodable_and_within_the_limit(text, limit):
    shown = visible(text, limit)

    assert shown.isprintable()
    assert shown.encode().decode() == shown
    assert len(shown) <= limit


@given(ANY_TEXT, st.integers(1, 80))
def test_twice_is_the_same_as_once(text, limit):
    assert visible(visible(text, limit), limit) == visible(text, limit)
