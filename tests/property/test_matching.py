"""The compiled rules against the plainest matcher there is."""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from enforcer.core.patterns.compiled import CompiledPolicy
from enforcer.model.policy import Policy
from enforcer.model.rule import Match
from tests.wishes import a_rule, a_task

LETTERS = "ab-\n"
PIECES = st.one_of(
    st.sampled_from(["*", "?", "[ab]", "[!a]", "[a-b]", r"\*", "[]a]"]), st.text(LETTERS, min_size=1, max_size=2)
)
GLOBS = st.lists(PIECES, min_size=1, max_size=4).map("".join)
VALUES = st.one_of(st.none(), st.text(LETTERS + "*]é\ud800", max_size=6))


def plainly(glob: str, value: str) -> bool:
    """Whether *glob* matches the whole of *value*, by trying everything."""
    if not glob:
        return not value
    head, rest = glob[0], glob[1:]
    if head == "*":
        return any(plainly(rest, value[cut:]) for cut in range(len(value) + 1))
    if not value:
        return False
    if head == "?":
        return plainly(rest, value[1:])
    if head == "\\":
        return rest[0] == value[0] and plainly(rest[1:], value[1:])
    if head == "[":
        end = glob.index("]", 3 if glob[1] == "!" else 2)
        inside = glob[1:end]
        hit = {
            "ab": value[0] in "ab",
            "!a": value[0] != "a",
            "a-b": value[0] in "ab",
            "]a": value[0] in "]a",
        }[inside]
        return hit and plainly(glob[end + 1 :], value[1:])
    return head == value[0] and plainly(rest, value[1:])


def hits(patterns: tuple[str, ...], value: str | None) -> bool:
    # RE2 sees a lone surrogate as "?"; no pattern here tells the two apart.
    return value is not None and any(plainly(pattern, value) for pattern in patterns)


def passes(match: Match, task) -> bool:
    positive = all(
        hits(getattr(match, name), getattr(task, name))
        for name in ("task_id", "task_name", "source_instance_name")
        if getattr(match, name)
    )
    return positive and not (match.not_ is not None and passes(match.not_, task))


PATTERNS = st.lists(GLOBS, max_size=2).map(tuple)
PLAIN = st.builds(Match, task_id=PATTERNS, task_name=PATTERNS, source_instance_name=PATTERNS)
MATCHES = st.builds(
    Match,
    task_id=PATTERNS,
    task_name=PATTERNS,
    source_instance_name=PATTERNS,
    not_=st.one_of(st.none(), PLAIN.filter(lambda match: match != Match())),
)
TASKS = st.builds(
    lambda task_id, name, source: a_task(task_id, task_name=name, source_instance_name=source),
    VALUES.filter(lambda value: value is not None),
    VALUES,
    VALUES,
)


@given(matches=st.lists(MATCHES, max_size=6), task=TASKS)
def test_the_index_finds_the_same_first_rule_as_trying_them_all(matches, task):
    rules = tuple(a_rule(f"r{place}", match=match) for place, match in enumerate(matches))
    policy = CompiledPolicy(Policy(name="p", files=(), sha256="", rules=rules))

    found = policy.first_match(task, datetime(2026, 1, 1, tzinfo=UTC))

    assert next((rule for rule in rules if passes(rule.match, task)), None) == found
