"""An account of a run is its report at any moment, without the events."""

import pytest

from enforcer.core.fold.summary import fold
from enforcer.run.recording import GATHERED, Account
from tests import builders as b

CHANGES = GATHERED // 2


def a_run():
    tasks = [f"t{number}" for number in range(CHANGES)]
    yield b.a_run_started()
    yield from (b.a_change_planned(task) for task in tasks)
    yield b.a_plan_built(CHANGES)
    for task in tasks:
        yield b.a_change_attempted(task)
        yield b.a_change_acked(task)


@pytest.mark.parametrize("length", [1, GATHERED - 1, GATHERED, 2 * GATHERED + 1])
def test_it_reports_what_its_events_come_to_and_goes_on(length):
    entries = b.entries(*a_run(), step=0.01)
    account = Account()

    for entry in entries[:length]:
        account.emit(entry)
    assert account.report() == fold(entries[:length])
    for entry in entries[length:]:
        account.emit(entry)
    assert account.report() == fold(entries)


def test_without_an_event_there_is_nothing_to_report():
    account = Account()

    assert account.is_empty
    with pytest.raises(ValueError, match="a run begins with"):
        account.report()
