"""What a later run adds to the record of an earlier one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from enforcer.errors import JournalError
from enforcer.journal import reader
from enforcer.journal.records import Records
from enforcer.journal.sqlite.file import path_in
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.stores import Store
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import LATER, Event
from tests import builders as b


def a_dead_run(store: Store) -> None:
    with JournalWriter(store, print) as journal:
        for entry in b.entries(b.a_run_started(), b.a_change_planned(), b.a_change_attempted()):
            journal.emit(entry)


def test_what_is_added_follows_what_was_there(store: Store):
    a_dead_run(store)
    found: list[Event] = [b.a_run_interrupted(), b.a_change_verified()]

    Records(store).append(b.RUN_ID, b.STARTED_AT + 99, found)
    Records(store).append(b.RUN_ID, b.STARTED_AT + 100, [b.a_run_settled()])

    entries = tuple(reader.events(store, b.RUN_ID))
    assert [entry.seq for entry in entries] == [1, 2, 3, LATER, LATER + 1, LATER + 2]
    assert [entry.event for entry in entries[3:]] == [*found, b.a_run_settled()]
    assert [entry.at for entry in entries[3:]] == [b.STARTED_AT + 99, b.STARTED_AT + 99, b.STARTED_AT + 100]


def test_the_unsettled_runs_come_with_all_their_entries(store: Store):
    a_dead_run(store)
    records = Records(store)

    assert [list(entries) for entries in records.unsettled()] == [list(reader.events(store, b.RUN_ID))]

    records.append(b.RUN_ID, b.STARTED_AT, [b.a_run_settled()])
    assert list(records.unsettled()) == []


def test_what_cannot_be_added_whole_is_not_added(tmp_path: Path):
    store = SqliteStore(tmp_path)
    a_dead_run(store)
    with closing(sqlite3.connect(path_in(tmp_path), isolation_level=None)) as other:
        other.execute(
            "CREATE TRIGGER full BEFORE INSERT ON event WHEN new.kind = 'run.settled' "
            "BEGIN SELECT raise(ABORT, 'disk full'); END"
        )

    with pytest.raises(JournalError, match="cannot be written: disk full"):
        Records(store).append(b.RUN_ID, b.STARTED_AT, [b.a_run_interrupted(), b.a_run_settled()])

    assert len(tuple(reader.events(store, b.RUN_ID))) == 3
