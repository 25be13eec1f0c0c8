"""When two writers contend over a task, and when it only looks so."""

import pytest

from enforcer.core.admission.fights import contests, found
from enforcer.model.history import History, Setting
from enforcer.model.rule import PolicyMode
from enforcer.model.task import ResumeMode
from tests.wishes import a_policy, a_proposal, a_task, an_override

AUTO, MANUAL = ResumeMode.AUTO, ResumeMode.MANUAL
FOUGHT = frozenset([("t1", AUTO)])


def a_setting(task_id="t1", mode=AUTO, *, by_name=False):
    return Setting(task_id=task_id, mode=mode, at=0.0, by_name=by_name)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        ([[a_setting()]] * 2, False),
        ([[a_setting()]] * 3, True),
        ([[a_setting()], [], [a_setting()], [], [a_setting()]], True),
        ([[a_setting()]] * 5, True),
        ([[a_setting(by_name=True)]] * 5, False),
        ([[a_setting()], [a_setting(by_name=True)], [a_setting()]], False),
        ([[a_setting()], [a_setting("t2")], [a_setting()]], False),
        # Set back by ourselves: an undo, or an override to the other mode.
        ([[a_setting()], [a_setting()], [a_setting(mode=MANUAL, by_name=True)], [a_setting()]], False),
        ([[a_setting()], [a_setting(mode=MANUAL)]] * 3, False),
    ],
)
def test_the_same_mode_in_three_of_the_runs_is_a_fight(runs, expected):
    assert (("t1", AUTO) in contests(runs)) is expected


def candidate(history, *, overrides=()):
    proposal = a_proposal(a_policy(default=PolicyMode.AUTO), a_task("t1"), history=history, overrides=overrides)
    return proposal, proposal.plan.changes[0]


@pytest.mark.parametrize("history", [History(fought=FOUGHT), History(contested=FOUGHT)])
def test_a_contested_change_says_so_and_what_to_do(history):
    reason = found(candidate(history))

    assert reason is not None
    assert reason.startswith("contested: set to auto in 3 of the last 5 runs")
    assert reason.endswith("enforcer contested clear t1")


@pytest.mark.parametrize("history", [None, History(), History(contested=frozenset([("t1", MANUAL), ("t2", AUTO)]))])
def test_another_task_or_mode_is_not_contested(history):
    assert found(candidate(history)) is None


def test_no_fight_keeps_an_override_from_being_honoured():
    assert found(candidate(History(contested=FOUGHT), overrides=[an_override("o", "auto")])) is None
