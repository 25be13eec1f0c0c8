"""docs/faults.md against the tests there are: every row has a proof or says why not, and every proof exists."""

import re
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[2]
TABLE = {
    int(found[1]): (found[2], set(re.findall(r"`(test_\w+)`", found[3])))
    for line in (ROOT / "docs/faults.md").read_text(encoding="utf-8").splitlines()
    if (found := re.fullmatch(r"\| (\d+) \| [^|]+ \| ([^|]+) \| ([^|]+) \|", line))
}


def _all_tests():
    source = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    return set(re.findall(r"^\s*(?:async )?def (test_\w+)\(", source, re.MULTILINE))


def _tests_of_rows():
    """Return the tests that are named after a row or two, by row."""
    found = defaultdict(set)
    for name in _all_tests():
        if numbers := re.match(r"test_fault_(\d\d)(?:_and_(\d\d))?_", name):
            for number in filter(None, numbers.groups()):
                found[int(number)].add(name)
    return found


def test_every_row_from_1_to_62_is_there():
    assert list(TABLE) == list(range(1, 63))


def test_every_row_has_a_test_or_says_why_not():
    assert [row for row, (what, proofs) in TABLE.items() if bool(proofs) == what.startswith("not proved here:")] == []


def test_every_test_that_is_named_exists():
    there = _all_tests()

    assert {row: missing for row, (_, proofs) in TABLE.items() if (missing := proofs - there)} == {}


def test_every_test_that_is_named_after_a_row_stands_in_it():
    assert {row: missing for row, tests in _tests_of_rows().items() if (missing := tests - TABLE[row][1])} == {}
