"""The report of any run, cut off anywhere, adds up."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.summary import discrepancies, fold, verdict
from enforcer.errors import ExitCode
from enforcer.model.event import ChangeAttempted, ChangePlanned, Entry, RunFinished
from enforcer.model.report import State
from tests.event_strategies import any_entries, whole_runs


@given(whole_runs())
@settings(max_examples=150, deadline=None)
def test_every_beginning_of_a_run_adds_up(run: tuple[Entry, ...]):
    for end in range(1, len(run) + 1):
        report = fold(run[:end])

        assert discrepancies(report) == ()


@given(whole_runs(), st.data())
@settings(max_examples=100, deadline=None)
def test_every_planned_change_has_exactly_one_state_at_any_moment(run: tuple[Entry, ...], data: st.DataObject):
    cut = run[: data.draw(st.integers(1, len(run)))]
    planned = [(e.event.target, e.event.task_id) for e in cut if isinstance(e.event, ChangePlanned)]

    reported = [(target.name, task.task_id) for target in fold(cut).targets for task in target.tasks]

    assert Counter(planned) == Counter(reported)


@given(whole_runs(), st.data())
@settings(max_examples=100, deadline=None)
def test_no_request_that_was_started_is_called_not_attempted_or_skipped(run: tuple[Entry, ...], data: st.DataObject):
    cut = run[: data.draw(st.integers(1, len(run)))]
    started = {(e.event.target, e.event.task_id) for e in cut if isinstance(e.event, ChangeAttempted)}

    untouched = {
        (target.name, task.task_id)
        for target in fold(cut).targets
        for task in target.tasks
        if task.state in {State.NOT_ATTEMPTED, State.SKIPPED}
    }

    assert started & untouched == set()


@given(whole_runs())
@settings(max_examples=150, deadline=None)
def test_success_means_that_every_change_was_read_back_or_its_task_is_gone(run: tuple[Entry, ...]):
    before_the_end = [entry for entry in run if not isinstance(entry.event, RunFinished)]
    report = fold(before_the_end)
    states = {task.state for target in report.targets for task in target.tasks}

    if verdict(report) is ExitCode.OK:
        assert states <= {State.VERIFIED, State.GONE}
        assert report.notices == ()


@given(any_entries())
@settings(max_examples=150, deadline=None)
def test_any_events_whatever_have_a_report_and_an_exit_code(run: tuple[Entry, ...]):
    report = fold(run)

    assert verdict(report) in ExitCode
