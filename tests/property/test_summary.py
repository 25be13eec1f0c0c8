"""The report of any run, cut off anywhere, adds up."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from enforcer.core.fold.summary import fold
from enforcer.core.fold.verdict import discrepancies, verdict
from enforcer.errors import ExitCode
from enforcer.model.event import ChangeAttempted, ChangePlanned, ChangeWithdrawn, Entry, RunFinished, RunInterrupted
from enforcer.model.report.run import Report
from enforcer.model.report.task import State
from tests.event_strategies import any_entries, recovered_runs, whole_runs


@given(whole_runs())
@settings(max_examples=150, deadline=None)
def test_every_beginning_of_a_run_adds_up(run: tuple[Entry, ...]):
    for end in range(1, len(run) + 1):
        report = fold(run[:end])

        assert discrepancies(report) == ()


@given(recovered_runs())
@settings(max_examples=150, deadline=None)
def test_every_beginning_of_a_run_that_died_and_was_settled_adds_up(run: tuple[Entry, ...]):
    for end in range(1, len(run) + 1):
        assert discrepancies(fold(run[:end])) == ()


@given(recovered_runs())
@settings(max_examples=150, deadline=None)
def test_settling_changes_nothing_but_what_was_open(run: tuple[Entry, ...]):
    dead = next(n for n, entry in enumerate(run) if isinstance(entry.event, RunInterrupted))
    before, after = fold(run[:dead]), fold(run)

    for was, now in zip(_states(before).items(), _states(after).items(), strict=True):
        assert was == now or was[1] in {State.UNKNOWN, State.ACKED}
    assert after.duration_s == before.duration_s
    assert (after.exit.code, after.exit.name) == (None, "interrupted")


def _states(report: Report) -> dict[tuple[str, str], State]:
    return {(target.name, task.task_id): task.state for target in report.targets for task in target.tasks}


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
    attempts: Counter[tuple[str, str]] = Counter()
    for entry in cut:
        if isinstance(entry.event, ChangeAttempted | ChangeWithdrawn):
            attempts[entry.event.target, entry.event.task_id] += 1 if isinstance(entry.event, ChangeAttempted) else -1
    started = set(+attempts)

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
        assert {notice.exit_code for notice in report.notices} <= {ExitCode.OK}


@given(any_entries())
@settings(max_examples=150, deadline=None)
def test_any_events_whatever_have_a_report_and_an_exit_code(run: tuple[Entry, ...]):
    report = fold(run)

    assert verdict(report) in ExitCode
