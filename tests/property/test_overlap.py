"""Two patterns that hit one text are never said to be apart."""

from hypothesis import assume, example, given
from hypothesis import strategies as st

from enforcer.core.patterns.matching import Condition
from enforcer.core.patterns.overlap import overlap
from tests.wishes import a_task

PIECES = st.sampled_from(["a", "b", "ab", "*", "?", "[ab]", r"\*"])
GLOBS = st.lists(PIECES, min_size=1, max_size=5).map("".join)
PATTERNS = GLOBS | st.sampled_from(["re:a+b*", "re:.*"])


@given(one=PATTERNS, other=PATTERNS, text=st.text("ab*", min_size=1, max_size=5))
@example(one="a*", other="*b", text="ab")
def test_patterns_that_hit_the_same_text_overlap(one, other, text):
    task = a_task(text)
    assume(Condition("task_id", [one]).hits(task) and Condition("task_id", [other]).hits(task))

    assert overlap([one], [other])
    assert overlap([other], [one])


def test_patterns_whose_ends_contradict_each_other_are_apart():
    assert not overlap(["pay-*"], ["dr-*"])
    assert not overlap(["*-1"], ["*-2"])
    assert not overlap(["pay-1", "pay-2"], ["pay-3", "dr-*"])
    assert not overlap(["pay-?-1"], ["pay-*-2"])
    assert not overlap(["re:[0-9]+"], ["pay-1"])
