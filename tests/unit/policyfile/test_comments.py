import pytest

from enforcer.policyfile import load_text

RULE = "version: 1\nrules:\n"


def found(text):
    policy = load_text(text.encode(), "p.yaml")
    return [(each.origin.line, each.line, each.codes, each.reason) for each in policy.suppressions]


@pytest.mark.parametrize(
    ("above", "beside", "expected"),
    [
        ("# enforcer:ignore W201 reason: ours", "", (3, 4, ("W201",), "ours")),
        ("# enforcer:ignore W201, E101 reason=two words", "", (3, 4, ("W201", "E101"), "two words")),
        ("#enforcer:ignore W201", "", (3, 4, ("W201",), None)),
        ("# enforcer:ignore reason: why", "", (3, 4, (), "why")),
        ("# enforcer:ignore W201 reason:", "", (3, 4, ("W201",), None)),
        ("# plain", " # enforcer:ignore W201 reason: ours", (4, 4, ("W201",), "ours")),
    ],
)
def test_a_comment_speaks_of_its_line_or_of_the_next_that_is_more(above, beside, expected):
    assert found(f'{RULE}  {above}\n  - {{id: a, match: "*", mode: auto}}{beside}\n') == [expected]


def test_comments_in_between_are_passed_over():
    assert found(
        f'{RULE}  # enforcer:ignore W201 reason: ours\n\n  # more\n  - {{id: a, match: "*", mode: auto}}\n'
    ) == [(3, 6, ("W201",), "ours")]


@pytest.mark.parametrize("comment", ["# enforcer: ignore W201", "# an enforcer:ignored thing", "# ignore W201"])
def test_other_comments_mean_nothing(comment):
    assert found(f"version: 1\n{comment}\n") == []
