"""Whether a run has something to tell that the one before it had not."""

import pytest

from enforcer.core.fold.summary import fold
from enforcer.core.history.news import is_due, news
from enforcer.errors import ExitCode
from enforcer.model.event import ChangeDeferred
from enforcer.model.notify import Notify
from tests import builders as b

SET = (b.a_change_attempted(), b.a_change_acked(), b.a_change_verified())
FAILED = (b.a_change_attempted(), b.a_change_failed())
LOST = (b.a_change_attempted(), b.a_change_lost())
CONTESTED = (
    ChangeDeferred(target=b.TARGET, task_id=b.TASK, reason="contested: set to auto in 3 of the last 5 runs and so on"),
)
FROZEN = (ChangeDeferred(target=b.TARGET, task_id=b.TASK, reason="frozen until 20:00"),)


def run(*became, code=ExitCode.OK, listed=True):
    """The report of a run over one task, as desired unless something *became* of it."""
    list_of_it = [b.an_inventory_listed(1)] if listed else []
    change = [b.a_change_planned(), b.a_plan_built(1), *became] if became else []
    return fold(b.entries(b.a_run_started(), *list_of_it, *change, b.a_run_finished(code)))


@pytest.mark.parametrize(
    ("earlier", "later", "is_new"),
    [
        pytest.param((), (), False, id="as desired in both"),
        pytest.param((), SET, True, id="drifted since"),
        pytest.param(SET, (), False, id="set, and still so"),
        pytest.param(SET, SET, True, id="set, and reset by somebody"),
        pytest.param(FAILED, (), True, id="failed, and right by now"),
        pytest.param(FROZEN, (), True, id="waited, and right by now"),
        pytest.param(FAILED, FAILED, False, id="fails as before"),
        pytest.param(FAILED, LOST, False, id="fails in another way"),
        pytest.param(FROZEN, FAILED, True, id="waited, and fails now"),
        pytest.param(CONTESTED, CONTESTED, False, id="contested as before"),
        pytest.param(FROZEN, CONTESTED, True, id="contested now"),
    ],
)
def test_a_run_that_ends_as_the_one_before_is_news_by_what_became_of_its_tasks(earlier, later, is_new):
    assert news(run(*earlier), run(*later)).is_new is is_new


@pytest.mark.parametrize(("before", "after"), [(ExitCode.OK, ExitCode.PARTIAL), (ExitCode.REFUSED, ExitCode.OK)])
def test_another_end_is_news(before, after):
    found = news(run(code=before), run(code=after))

    assert (found.is_new, found.has_ended_otherwise, found.before.code) == (True, True, before)


def test_a_run_that_died_is_another_end():
    died = fold(b.entries(b.a_run_started(), b.an_inventory_listed(1), b.a_run_interrupted()))

    assert news(died, run()).is_new


def test_a_target_that_only_one_of_the_two_listed_is_news():
    assert news(run(listed=False), run()).is_new
    assert not news(run(listed=False), run(listed=False)).is_new


def test_without_a_run_before_all_is_new_and_nothing_is_compared():
    found = news(None, run())

    assert (found.is_new, found.before, found.difference) == (True, None, None)


@pytest.mark.parametrize(
    ("notify", "of_news", "of_nothing_new"),
    [(Notify.ALWAYS, True, True), (Notify.CHANGE, True, False), (Notify.NEVER, False, False)],
)
def test_when_people_are_to_be_told(notify, of_news, of_nothing_new):
    assert is_due(notify, news(run(), run(*SET))) is of_news
    assert is_due(notify, news(run(), run())) is of_nothing_new
