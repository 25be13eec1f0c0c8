"""The mutants can still be made of the code as it is; whether they are killed is for `make mutants`."""

import pytest

from tests.chaos.mutants import MUTANTS, ROOT, Mutant


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name.replace(" ", "_"))
def test_a_mutant_can_be_made_and_the_tests_against_it_are_there(mutant: Mutant):
    text = (ROOT / mutant.file).read_text(encoding="utf-8")

    assert mutant.old in text
    compile(text.replace(mutant.old, mutant.new), mutant.file, "exec")
    assert all((ROOT / path).is_file() for path in mutant.tests)
