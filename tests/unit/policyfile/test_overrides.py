from datetime import UTC, datetime

import pytest

from enforcer.errors import PolicyError
from enforcer.model.rule import Origin, PolicyMode
from enforcer.policyfile import load, load_text

WHOLE = """\
version: 1
overrides:
  - id: INC-4211
    tasks: ["pay-*", 8a7f]
    targets: prod-eu
    mode: leave
    reason: Source CPU at 95 %
    ticket: CHG-1
    owner: li.wei
    created: 2026-09-04T02:11:00Z
    expires: 2026-09-04T10:00:00+02:00
"""


def problems(text: str) -> list[str]:
    with pytest.raises(PolicyError) as caught:
        load_text(text.encode(), "p.yaml")
    return [str(problem) for problem in caught.value.problems]


def test_an_override_in_a_policy_has_all_that_one_in_the_state_directory_has_but_a_host():
    (override,) = load_text(WHOLE.encode(), "p.yaml").overrides

    assert ("INC-4211", ("pay-*", "8a7f"), ("prod-eu",)) == (override.id, override.patterns, override.targets)
    assert (PolicyMode.LEAVE, "Source CPU at 95 %", "CHG-1") == (override.mode, override.reason, override.ticket)
    assert ("li.wei", None, Origin(file="p.yaml", line=3, column=5)) == (override.owner, override.host, override.origin)
    assert datetime(2026, 9, 4, 8, tzinfo=UTC) == override.expires


def test_an_override_that_ends_before_it_begins_is_a_problem_at_its_end():
    (problem,) = problems(WHOLE.replace("10:00:00+02:00", "02:11:00Z"))

    assert problem.startswith("p.yaml:11:14: override INC-4211 would end at 2026-09-04T02:11:00Z, which is not after")


def test_the_policy_says_how_long_an_override_may_last_wherever_that_stands(tmp_path):
    long = WHOLE.replace("2026-09-04T10:00:00+02:00", "2026-09-08T02:11:00Z")
    assert "would last 96 h; the longest is 72 h" in problems(long)[0]

    (tmp_path / "a.yaml").write_text(long)
    (tmp_path / "b.yaml").write_text("version: 1\nlimits: {override_max_ttl: 96h}\n")
    assert 1 == len(load(str(tmp_path)).overrides)

    (tmp_path / "b.yaml").write_text("version: 1\nlimits: {override_max_ttl: 95h}\n")
    with pytest.raises(PolicyError, match="the longest is 95 h"):
        load(str(tmp_path))


def test_overrides_of_several_files_are_taken_together_and_their_ids_are_unique(tmp_path):
    (tmp_path / "a.yaml").write_text(WHOLE)
    (tmp_path / "b.yaml").write_text(WHOLE.replace("INC-4211", "INC-2"))
    assert ["INC-4211", "INC-2"] == [each.id for each in load(str(tmp_path)).overrides]

    (tmp_path / "b.yaml").write_text(WHOLE)
    with pytest.raises(PolicyError, match="id 'INC-4211' is taken"):
        load(str(tmp_path))


@pytest.mark.parametrize("key", ["id", "tasks", "mode", "reason", "owner", "created", "expires"])
def test_what_an_override_needs_is_asked_for(key):
    lines = [line for line in WHOLE.splitlines(keepends=True) if f"{key}:" not in line]
    text = "".join(lines) if key != "id" else WHOLE.replace("- id: INC-4211\n    ", "- ")

    assert [f"p.yaml:3:5: no {key!r} in an override"] == [problem.partition(";")[0] for problem in problems(text)]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("Source CPU at 95 %", "too short", "is no possible reason"),
        ("id: INC-4211", "id: a b", "is no possible name"),
        ("mode: leave", "mode: hold", "unknown mode 'hold'"),
        ("2026-09-04T02:11:00Z", "yesterday", "is no time"),
        ('["pay-*", 8a7f]', "[]", "an empty list"),
    ],
)
def test_what_an_override_cannot_say_is_told_with_its_place(old, new, message):
    (problem,) = problems(WHOLE.replace(old, new))

    assert message in problem
