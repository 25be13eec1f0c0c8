"""What is written to the journal is what is read from it."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from enforcer.core.fold.summary import fold
from enforcer.journal import reader, register
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry, RunStarted
from tests.event_strategies import any_entries, whole_runs


def written_and_read(run: tuple[Entry, ...]) -> tuple[Entry, ...]:
    started = run[0].event
    assert isinstance(started, RunStarted)
    with tempfile.TemporaryDirectory() as folder:
        with JournalWriter(SqliteStore(Path(folder)), print) as journal:
            for entry in run:
                journal.emit(entry)
        return tuple(reader.events(SqliteStore(Path(folder)), started.run_id))


@given(any_entries())
@settings(max_examples=60, deadline=None)
def test_any_events_are_read_as_they_were_written(run: tuple[Entry, ...]):
    # A run's id is the tool's own, and names a file: no text whatever.
    named = _renamed(run, "20261122T021500Z-1a2b3c")

    assert written_and_read(named) == named


@given(whole_runs())
@settings(max_examples=25, deadline=None)
def test_a_run_has_the_same_report_from_the_journal(run: tuple[Entry, ...]):
    assert fold(written_and_read(run)) == fold(run)


@given(st.lists(whole_runs(), min_size=1, max_size=4))
@settings(max_examples=15, deadline=None)
def test_the_list_of_runs_agrees_with_their_reports(found: list[tuple[Entry, ...]]):
    with tempfile.TemporaryDirectory() as folder:
        expected = []
        for number, run in enumerate(found):
            renamed = _renamed(run, f"run-{number}")
            with JournalWriter(SqliteStore(Path(folder)), print) as journal:
                for entry in renamed:
                    journal.emit(entry)
            report = fold(renamed)
            expected.append((report.run_id, report.started_at, report.ended_at, report.exit.code, report.exit.name))

        rows = register.listed(SqliteStore(Path(folder)), limit=100)

    listed = [(row.run_id, row.started_at, row.ended_at, row.exit_code, row.exit_name) for row in rows]
    assert sorted(listed) == sorted(expected)


def _renamed(run: tuple[Entry, ...], run_id: str) -> tuple[Entry, ...]:
    started = run[0].event
    assert isinstance(started, RunStarted)
    return (replace(run[0], event=replace(started, run_id=run_id)), *run[1:])
