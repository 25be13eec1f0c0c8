"""A journal whose log lost its end: what was on record is missed, and what never was is not."""

import asyncio
import os
import shutil
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from enforcer.errors import JournalError
from enforcer.journal import overrides, pruning, reader, register
from enforcer.journal.history import allowances, history
from enforcer.journal.records import Records
from enforcer.journal.sqlite import file as files
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry, RunInterrupted
from enforcer.model.history import DAY_S
from enforcer.model.override import Added
from tests import builders as b
from tests.wishes import NOW, an_override

PLACE = b.a_target_ref()
LOG = "journal.db-wal"


def record(state: Path, *, run_id: str = "run-1") -> None:
    """Record a run to its end, and close the journal."""
    with JournalWriter(SqliteStore(state), print) as journal:
        for entry in b.entries(b.a_run_started(run_id=run_id), b.a_plan_built(), b.a_run_finished()):
            journal.emit(entry)


@pytest.fixture
def dead(tmp_path: Path) -> Iterator[Path]:
    """A state directory as a run left it that died after its second commit, its log still beside the file."""
    live = tmp_path / "live"
    files.open_to_write(live).close()
    writer = JournalWriter(SqliteStore(live), print)
    writer.emit(Entry(seq=1, at=b.STARTED_AT, event=b.a_run_started(run_id="run-1")))
    asyncio.run(writer.flushed())
    for seq in range(2, 12):
        writer.emit(Entry(seq=seq, at=b.STARTED_AT + seq, event=b.a_change_attempted(f"t{seq}")))
    asyncio.run(writer.flushed())
    yield Path(shutil.copytree(live, tmp_path / "dead"))
    writer.close()


def now(state: Path) -> float:
    return SqliteStore(state).marks.path("run-1").stat().st_mtime + 60


def cut(state: Path, share: float) -> None:
    path = state / LOG
    os.truncate(path, int(path.stat().st_size * share))


def test_a_log_that_is_whole_is_not_suspected(dead: Path):
    history(SqliteStore(dead), PLACE, now(dead))
    allowances(SqliteStore(dead), None, now(dead))

    assert [row.run_id for row in register.listed(SqliteStore(dead))] == ["run-1"]


@pytest.mark.parametrize("share", [0, 0.5, 0.9])
def test_a_log_that_was_cut_is_told_with_what_is_missing_and_the_way_on(dead: Path, share: float):
    cut(dead, share)

    for ask in (
        lambda: history(SqliteStore(dead), PLACE, now(dead)),
        lambda: allowances(SqliteStore(dead), None, now(dead)),
    ):
        with pytest.raises(JournalError, match="the record of run run-1 went up to event 11, and the journal") as told:
            ask()
        assert str(SqliteStore(dead).marks.path("run-1")) in (told.value.hint or "")


def test_what_is_missing_is_told_of_the_run_itself_however_long_ago(dead: Path):
    store = SqliteStore(dead)
    assert reader.shortfall(store, "run-1") is None
    cut(dead, 0.9)

    assert "went up to event 11, and the journal has it up to 1:" in (reader.shortfall(store, "run-1") or "")
    assert reader.shortfall(store, "run-2") is None


def test_a_log_that_was_deleted_is_told(dead: Path):
    (dead / LOG).unlink()

    with pytest.raises(JournalError, match="has it up to 0"):
        history(SqliteStore(dead), PLACE, now(dead))


def test_a_journal_that_was_deleted_is_told(dead: Path):
    for path in dead.glob("journal.db*"):
        path.unlink()

    with pytest.raises(JournalError, match="has it up to 0"):
        history(SqliteStore(dead), PLACE, now(dead))


def test_what_is_lost_is_forgotten_after_a_day_or_when_its_mark_is_deleted(dead: Path):
    cut(dead, 0.5)
    soon = now(dead)
    history(SqliteStore(dead), PLACE, soon + DAY_S)

    SqliteStore(dead).marks.remove("run-1")
    history(SqliteStore(dead), PLACE, soon)


def test_a_mark_that_is_no_number_is_told(dead: Path):
    SqliteStore(dead).marks.path("run-1").write_bytes(b"\xff\xff")

    with pytest.raises(JournalError, match="marks/run-1 cannot be read"):
        history(SqliteStore(dead), PLACE, now(dead))


def test_a_run_that_ends_well_leaves_no_mark(tmp_path: Path):
    record(tmp_path)

    assert list((tmp_path / "marks").iterdir()) == []


def test_the_next_run_takes_away_the_mark_of_one_that_died_and_was_found(dead: Path):
    record(dead, run_id="run-2")
    assert SqliteStore(dead).marks.path("run-1").exists(), "it may still be under way"

    Records(SqliteStore(dead)).append("run-1", b.STARTED_AT + 60, [RunInterrupted(by_run="run-3")])
    record(dead, run_id="run-3")
    assert list((dead / "marks").iterdir()) == []


def test_the_mark_of_a_record_that_falls_short_stays(dead: Path):
    cut(dead, 0.9)
    assert register.listed(SqliteStore(dead)), "the run itself is there still"
    Records(SqliteStore(dead)).append("run-1", b.STARTED_AT + 60, [RunInterrupted(by_run="run-2")])
    record(dead, run_id="run-2")

    assert SqliteStore(dead).marks.known("run-1") == 11


def test_a_run_that_is_pruned_is_not_missed(tmp_path: Path):
    record(tmp_path)
    for number in range(2, 8):
        record(tmp_path, run_id=f"run-{number}")
    SqliteStore(tmp_path).marks.put("run-1", 3)

    assert "run-1" in pruning.prune(SqliteStore(tmp_path), "nightly", b.STARTED_AT + DAY_S)
    assert list((tmp_path / "marks").iterdir()) == []


def test_a_mark_says_no_more_than_was_committed(tmp_path: Path):
    store = SqliteStore(tmp_path)
    with store.writing() as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON event WHEN new.seq = 3 BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    writer = JournalWriter(store, lambda _: None)
    *committed, refused = b.entries(b.a_run_started(run_id="run-1"), b.a_plan_built(), b.a_run_finished())
    for entry in committed:
        writer.emit(entry)
    asyncio.run(writer.flushed())
    writer.emit(refused)
    with pytest.raises(JournalError, match="no room"):
        asyncio.run(writer.flushed())
    with suppress(JournalError):
        writer.close()

    assert store.marks.known("run-1") == 2


def test_a_mark_that_cannot_be_made_harms_no_run(tmp_path: Path):
    (tmp_path / "marks").touch()

    record(tmp_path)
    assert [row.exit_code for row in register.listed(SqliteStore(tmp_path))] == [0]


def test_an_override_that_was_lost_keeps_everything_back(tmp_path: Path):
    state = tmp_path / "live"
    with closing(files.open_to_write(state)):  # so that the log stays
        overrides.amend(SqliteStore(state), lambda _: [Added(at=NOW, by="me", override=an_override("a"))])
        copy = Path(shutil.copytree(state, tmp_path / "copy"))
    assert len(overrides.stored(SqliteStore(copy))) == 1

    (copy / LOG).unlink()
    for ask in (overrides.stored, lambda each: overrides.amend(each, lambda _: [])):
        with pytest.raises(JournalError, match="went up to number 1, and the journal has them up to 0") as told:
            ask(SqliteStore(copy))
    assert str(SqliteStore(copy).marks.path("overrides")) in (told.value.hint or "")

    SqliteStore(copy).marks.remove("overrides")
    assert overrides.stored(SqliteStore(copy)) == ()
