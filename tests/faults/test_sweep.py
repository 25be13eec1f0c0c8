"""A share of `make sweep`: every quick fault once, each at the next place in turn; and the sweep itself."""

from itertools import islice

import pytest

from tests.faults import sweep
from tests.faults.catalogue import FAULTS, PLACES, singles


def a_share():
    """Every quick fault once, at another place than the one before, so that no place is left out."""
    names = [name for name, fault in FAULTS.items() if not fault.slow]
    for number, name in enumerate(names):
        places = [place for fault, place in singles() if fault == name]
        yield name, places[number % len(places)]


@pytest.mark.parametrize("strike", list(a_share()), ids="@".join)
def test_a_run_with_one_fault_keeps_every_law(strike):
    result = sweep.strike((strike,))

    assert not result.wrong, str(result)


def test_the_share_is_of_every_place():
    assert {place for _, place in a_share()} == set(PLACES)


def test_the_pairs_follow_from_the_seed():
    assert list(islice(sweep.pairs(7), 20)) == list(islice(sweep.pairs(7), 20))
    assert list(islice(sweep.pairs(7), 20)) != list(islice(sweep.pairs(8), 20))


def test_an_exit_code_that_was_not_expected_is_a_failure(monkeypatch):
    monkeypatch.setattr(sweep, "expected", lambda *_: {0})
    result = sweep.strike((("ack_without_apply", "first_put"),))

    assert "the exit code is 3" in str(result)


def test_a_fault_that_never_struck_is_a_failure(monkeypatch):
    monkeypatch.setattr(sweep, "CHANGES", 1)
    result = sweep.strike((("status_503", "later_page"),))

    assert result.wrong == ("the fault never had its turn",)
