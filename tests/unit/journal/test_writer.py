import asyncio
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from enforcer.errors import JournalError
from enforcer.journal import lines, reader, register
from enforcer.journal.sqlite import directory
from enforcer.journal.sqlite.file import path_in
from enforcer.journal.sqlite.store import SqliteSession, SqliteStore
from enforcer.journal.stores import Store
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry, Event
from tests import builders as b

RUN = b.entries(b.a_run_started(), *(b.a_change_attempted(f"task-{n}") for n in range(1, 200)))


def stored(store: Store) -> tuple[Event, ...]:
    """What another process would find."""
    return tuple(entry.event for entry in reader.events(store, b.RUN_ID))


@contextmanager
def writing_barred(state_dir: Path) -> Iterator[None]:
    """No other connection can commit inside this block; it waits."""
    with closing(sqlite3.connect(path_in(state_dir), isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def connection_of(journal: JournalWriter) -> sqlite3.Connection:
    assert isinstance(journal._session, SqliteSession)
    return journal._session.connection


async def settled(task: asyncio.Task[None], within_s: float = 60) -> bool:
    done, _ = await asyncio.wait([task], timeout=within_s)
    return bool(done)


async def test_what_is_flushed_is_there_for_others(store: Store):
    with JournalWriter(store, print) as journal:
        for count, entry in enumerate(RUN[:20], start=1):
            journal.emit(entry)
            await journal.flushed()

            assert len(stored(store)) == count


async def test_flushed_waits_for_the_commit(tmp_path: Path):
    with JournalWriter(SqliteStore(tmp_path), print) as journal:
        with writing_barred(tmp_path):
            journal.emit(RUN[0])
            flush = asyncio.create_task(journal.flushed())

            assert not await settled(flush, within_s=0.1)
        assert await settled(flush)
        assert stored(SqliteStore(tmp_path)) == (RUN[0].event,)


async def test_only_what_is_not_yet_durable_is_waited_for(tmp_path: Path):
    with JournalWriter(SqliteStore(tmp_path), print) as journal:
        journal.emit(RUN[0])
        await journal.flushed(1)
        with writing_barred(tmp_path):
            journal.emit(RUN[1])
            second = asyncio.create_task(journal.flushed(2))

            await asyncio.wait_for(journal.flushed(1), 60)
            assert not await settled(second, within_s=0.1)
        assert await settled(second)
        assert len(stored(SqliteStore(tmp_path))) == 2


async def test_flushed_with_nothing_to_write_returns(store: Store):
    with JournalWriter(store, print) as journal:
        await asyncio.wait_for(journal.flushed(), 60)


async def test_those_who_wait_together_share_a_commit(tmp_path: Path):
    with JournalWriter(SqliteStore(tmp_path), print) as journal:
        statements: list[str] = []
        connection_of(journal).set_trace_callback(statements.append)
        with writing_barred(tmp_path):
            flushes = []
            for entry in RUN[:100]:
                journal.emit(entry)
                flushes.append(asyncio.create_task(journal.flushed()))
                await asyncio.sleep(0)
        await asyncio.wait_for(asyncio.gather(*flushes), 60)

        # One that was under way when the others came, and one for all of them.
        assert statements.count("COMMIT") <= 2
        assert len(stored(SqliteStore(tmp_path))) == 100


def test_what_nobody_waits_for_is_durable_soon(store: Store):
    with JournalWriter(store, print) as journal:
        journal.emit(RUN[0])
        until = time.monotonic() + 60
        while not register.listed(store) and time.monotonic() < until:
            time.sleep(0.005)

        assert stored(store) == (RUN[0].event,)


def test_what_comes_after_a_rest_is_durable_soon(store: Store):
    with JournalWriter(store, print) as journal:
        for count, entry in enumerate(RUN[:3], start=1):
            until = time.monotonic() + 60
            while journal._is_watched and time.monotonic() < until:
                time.sleep(0.005)
            journal.emit(entry)
            while (not register.listed(store) or len(stored(store)) < count) and time.monotonic() < until:
                time.sleep(0.005)

            assert len(stored(store)) == count


async def test_events_stay_in_order_whoever_waits(store: Store):
    with JournalWriter(store, print) as journal:
        todo = iter(RUN)

        async def worker() -> None:
            for entry in todo:
                journal.emit(entry)
                await journal.flushed()

        await asyncio.gather(*(worker() for _ in range(8)))
    assert tuple(reader.events(store, b.RUN_ID)) == RUN


async def test_a_wait_that_is_cancelled_harms_nobody(tmp_path: Path):
    with JournalWriter(SqliteStore(tmp_path), print) as journal:
        with writing_barred(tmp_path):
            journal.emit(RUN[0])
            given_up = asyncio.create_task(journal.flushed())
            patient = asyncio.create_task(journal.flushed())
            await asyncio.sleep(0)
            given_up.cancel()
        assert await settled(patient)
        assert given_up.cancelled()


async def fill(journal: JournalWriter) -> int:
    """Write until the disk is full; return how many entries were flushed before."""
    connection_of(journal).execute("PRAGMA max_page_count = 20")
    for count, entry in enumerate(RUN_OF_LONG_NAMES):
        journal.emit(entry)
        try:
            await journal.flushed()
        except JournalError:
            return count
    raise AssertionError("the disk did not fill")


RUN_OF_LONG_NAMES = b.entries(
    b.a_run_started(), *(b.a_change_planned(f"task-{n}", task_name="x" * 2000) for n in range(200))
)


async def test_a_full_disk_is_final(tmp_path: Path):
    journal = JournalWriter(SqliteStore(tmp_path), print)
    durable = await fill(journal)

    with pytest.raises(JournalError, match=r"journal\.db cannot be written: database or disk is full") as caught:
        await journal.flushed()
    assert caught.value.hint
    with pytest.raises(JournalError, match="disk is full"):
        await journal.flushed(1)
    with pytest.raises(JournalError, match="disk is full"):
        journal.close()
    assert tuple(reader.events(SqliteStore(tmp_path), b.RUN_ID)) == RUN_OF_LONG_NAMES[:durable]


async def test_what_cannot_be_written_is_told_each_once_and_in_order(tmp_path: Path):
    told: list[str] = []
    journal = JournalWriter(SqliteStore(tmp_path), told.append)
    durable = await fill(journal)
    for entry in RUN_OF_LONG_NAMES[durable + 1 :]:
        journal.emit(entry)
        with pytest.raises(JournalError):
            await journal.flushed()
    with pytest.raises(JournalError):
        journal.close()

    assert len(stored(SqliteStore(tmp_path))) == durable
    assert [lines.parse(each) for each in told] == [(b.RUN_ID, entry) for entry in RUN_OF_LONG_NAMES[durable:]]


@pytest.mark.parametrize("refused", [2, 40, 199])
def test_whatever_comes_while_the_journal_fails_is_on_record_or_told(refused: int, tmp_path: Path):
    store = SqliteStore(tmp_path)
    with store.writing() as connection:
        connection.execute(
            f"CREATE TRIGGER full BEFORE INSERT ON event WHEN new.seq = {refused} BEGIN SELECT RAISE(ABORT, 'no'); END"
        )
    told: list[str] = []
    journal = JournalWriter(store, told.append)
    for entry in RUN:
        journal.emit(entry)
        if entry.seq % 20 == 1:
            with suppress(JournalError):
                asyncio.run(journal.flushed())
        time.sleep(0)  # the writer's thread comes in between
    with pytest.raises(JournalError):
        journal.close()

    found = [(b.RUN_ID, entry) for entry in reader.events(store, b.RUN_ID)]
    assert [*found, *map(lines.parse, told)] == [(b.RUN_ID, entry) for entry in RUN]


async def test_a_run_whose_beginning_cannot_be_written_is_told_from_its_beginning(tmp_path: Path):
    told: list[str] = []
    journal = JournalWriter(SqliteStore(tmp_path), told.append)
    connection_of(journal).execute("PRAGMA query_only = ON")
    for entry in RUN[:3]:
        journal.emit(entry)
    with pytest.raises(JournalError):
        await journal.flushed()
    with pytest.raises(JournalError):
        journal.close()

    assert [lines.parse(each) for each in told] == [(b.RUN_ID, entry) for entry in RUN[:3]]


async def test_with_the_room_that_was_kept_what_happens_is_written_but_nothing_more_is_begun(tmp_path: Path):
    told: list[str] = []
    with JournalWriter(SqliteStore(tmp_path), told.append) as journal:
        given_up = directory.give_up_ballast

        def make_room(state_dir: Path) -> None:
            given_up(state_dir)
            connection_of(journal).execute("PRAGMA max_page_count = 100000")

        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(directory, "give_up_ballast", make_room)
            durable = await fill(journal)
        for entry in RUN_OF_LONG_NAMES[durable + 1 :]:
            journal.emit(entry)
            with pytest.raises(JournalError, match=r"the disk of the journal .* is full") as caught:
                await journal.flushed()
            with pytest.raises(JournalError):
                await journal.flushed(1)
            assert "import-emergency" not in (caught.value.hint or ""), "there is nothing to take back"

    assert tuple(reader.events(SqliteStore(tmp_path), b.RUN_ID)) == RUN_OF_LONG_NAMES
    assert told == []
    assert not os.path.exists(tmp_path / "ballast")  # noqa: ASYNC240, PTH110 - the loop has nothing else to do


async def test_a_failure_reaches_everybody_who_waits(tmp_path: Path):
    journal = JournalWriter(SqliteStore(tmp_path), print)
    journal.emit(RUN[0])
    await journal.flushed()
    connection_of(journal).execute("PRAGMA query_only = ON")
    flushes = []
    for entry in RUN[1:20]:
        journal.emit(entry)
        flushes.append(asyncio.create_task(journal.flushed()))
        await asyncio.sleep(0)

    results = await asyncio.wait_for(asyncio.gather(*flushes, return_exceptions=True), 60)

    assert [type(result) for result in results] == [JournalError] * 19
    with pytest.raises(JournalError):
        journal.close()


async def test_an_event_that_cannot_be_written_fails_rather_than_hangs(store: Store):
    journal = JournalWriter(store, print)
    journal.emit(b.entries(b.a_run_started(policy_name="\ud800"))[0])

    with pytest.raises(JournalError, match="surrogates not allowed"):
        await asyncio.wait_for(journal.flushed(), 60)
    with pytest.raises(JournalError):
        journal.close()
    assert register.listed(store) == ()


async def test_a_run_that_does_not_begin_is_not_written(store: Store):
    journal = JournalWriter(store, print)
    journal.emit(RUN[1])

    with pytest.raises(JournalError, match=r"begins with run\.started, not with change\.attempted"):
        await asyncio.wait_for(journal.flushed(), 60)
    with pytest.raises(JournalError):
        journal.close()


async def test_a_number_that_comes_twice_is_an_error(tmp_path: Path):
    journal = JournalWriter(SqliteStore(tmp_path), print)
    for entry in (RUN[0], RUN[1], RUN[1]):
        journal.emit(entry)

    with pytest.raises(JournalError, match="UNIQUE"):
        await asyncio.wait_for(journal.flushed(), 60)
    with pytest.raises(JournalError):
        journal.close()


def test_close_writes_the_rest_after_the_loop_is_gone(tmp_path: Path):
    journal = JournalWriter(SqliteStore(tmp_path), print)

    async def work() -> None:
        with writing_barred(tmp_path):
            for entry in RUN:
                journal.emit(entry)
            asyncio.create_task(journal.flushed())  # noqa: RUF006 - abandoned on purpose; the loop's end cancels it
            await asyncio.sleep(0)

    asyncio.run(work())
    journal.close()

    assert tuple(reader.events(SqliteStore(tmp_path), b.RUN_ID)) == RUN


def test_after_a_clean_end_the_file_alone_is_complete(tmp_path: Path):
    with JournalWriter(SqliteStore(tmp_path), print) as journal:
        for entry in RUN:
            journal.emit(entry)
    copy = tmp_path / "copy"
    copy.mkdir()
    path_in(copy).write_bytes(path_in(tmp_path).read_bytes())

    assert tuple(reader.events(SqliteStore(copy), b.RUN_ID)) == RUN


async def test_after_close_nothing_is_taken(store: Store):
    journal = JournalWriter(store, print)
    journal.emit(RUN[0])
    journal.close()
    journal.close()
    journal.emit(RUN[1])

    with pytest.raises(JournalError, match="is closed"):
        await journal.flushed()
    assert len(stored(store)) == 1


def fail_after(store: Store, entry: Entry) -> None:
    with JournalWriter(store, print) as journal:
        journal.emit(entry)
        raise ZeroDivisionError


def test_an_error_inside_the_block_comes_out_and_the_journal_is_complete(store: Store):
    with pytest.raises(ZeroDivisionError):
        fail_after(store, RUN[0])

    assert stored(store) == (RUN[0].event,)


def test_an_error_inside_the_block_is_not_hidden_by_the_journals(store: Store):
    with pytest.raises(ZeroDivisionError):
        fail_after(store, RUN[1])


async def test_two_runs_at_once_are_both_complete(store: Store):
    async def one(run_id: str) -> tuple[Entry, ...]:
        run = b.entries(b.a_run_started(run_id=run_id), *(entry.event for entry in RUN[1:]))
        with JournalWriter(store, print) as journal:
            for entry in run:
                journal.emit(entry)
                await journal.flushed()
        return run

    first, second = await asyncio.gather(one("run-1"), one("run-2"))

    assert tuple(reader.events(store, "run-1")) == first
    assert tuple(reader.events(store, "run-2")) == second


KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from tests.builders import a_change_attempted, a_run_started, entries

async def main():
    journal = JournalWriter(SqliteStore(Path(sys.argv[1])), print)
    for entry in entries(a_run_started(), *(a_change_attempted(f"task-{n}") for n in range(1, 50))):
        journal.emit(entry)
    await journal.flushed()
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""


def test_what_was_flushed_survives_a_kill(tmp_path: Path):
    root = Path(__file__).parents[3]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)], cwd=root, env=os.environ | {"PYTHONPATH": str(root)}, check=False
    )

    assert killed.returncode == -signal.SIGKILL
    assert tuple(reader.events(SqliteStore(tmp_path), b.RUN_ID)) == RUN[:50]
