"""What holds for the store on a server alone: which servers are fit, whose tables are there, what is lost when."""

import contextlib
import socket
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from enforcer.errors import ExitCode, JournalError
from enforcer.journal import overrides, reader, register
from enforcer.journal.past import past
from enforcer.journal.postgres import schema
from enforcer.journal.postgres.connection import connect
from enforcer.journal.postgres.store import PostgresStore
from enforcer.journal.pruning import prune
from enforcer.journal.writer import JournalWriter
from enforcer.model.history import DAY_S
from enforcer.model.lock import Holder
from enforcer.model.override import Ended
from tests import builders as b
from tests.postgres import PASSWORD
from tests.wishes import NOW

RUN = b.entries(b.a_run_started(), b.a_change_planned(), b.a_change_attempted())
END = b.a_run_finished()
PLACE = ("https://dcs.east.example.com", "project-1")
HOLDER = Holder(run_id="run-1", command="apply", user="kim", host="db1", pid=42, since=1000.0)


@pytest.fixture
def store(server):
    store = PostgresStore(server.url())
    yield store
    store.close()


def recorded(store, entries=RUN):
    with JournalWriter(store, print) as journal:
        for entry in entries:
            journal.emit(entry)


def setting(url, name):
    with contextlib.closing(connect(url, "tests")) as connection:
        (value,) = connection.execute("SELECT current_setting(%s)", (name,)).fetchone() or ("",)
        return value


# --- which servers are fit


def test_a_commit_is_durable_whatever_the_database_would_have_it(server):
    server.execute("ALTER DATABASE postgres SET synchronous_commit = off")
    try:
        assert setting(server.url(), "synchronous_commit") == "on"
        server.execute("ALTER DATABASE postgres SET synchronous_commit = remote_apply")
        assert setting(server.url(), "synchronous_commit") == "remote_apply", "what promises more is left alone"
    finally:
        server.execute("ALTER DATABASE postgres RESET synchronous_commit")


def test_a_server_that_does_not_sync_is_refused(server):
    try:
        server.execute("ALTER SYSTEM SET fsync = off")
        server.reload()

        with pytest.raises(JournalError, match="fsync off"):
            connect(server.url(), "tests")
    finally:
        server.execute("ALTER SYSTEM RESET fsync")
        server.reload()


def test_a_database_of_another_encoding_is_refused(server):
    server.execute("CREATE DATABASE ascii TEMPLATE template0 ENCODING 'SQL_ASCII'")
    try:
        with pytest.raises(JournalError, match="has the encoding SQL_ASCII"):
            connect(server.url().replace("/postgres", "/ascii"), "tests")
    finally:
        server.execute("DROP DATABASE ascii WITH (FORCE)")


def test_a_pooler_is_refused_since_a_lock_would_not_hold(server):
    with pooler(server.port) as port, pytest.raises(JournalError, match="leads to a pooler"):
        connect(f"{server.url(port=port)}?sslmode=disable&gssencmode=disable", "tests")


@pytest.mark.parametrize("password", ["wrong-secret", "wr%6Fng-secret"])
def test_what_keeps_one_out_is_said_without_the_password(server, password):
    with pytest.raises(JournalError, match="password authentication failed") as caught:
        connect(server.url(password=password), "tests")

    assert caught.value.exit_code is ExitCode.IO
    assert "secret" not in f"{caught.value.message} {caught.value.hint} {caught.value!r}"


def test_a_server_that_is_not_there_is_named(server):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    with pytest.raises(JournalError, match=f"postgresql://dba@127.0.0.1:{free}/postgres cannot be reached") as caught:
        connect(server.url(port=free), "tests")
    assert PASSWORD not in caught.value.message


def test_a_server_that_never_answers_is_given_up():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"postgresql://enforcer:secret@127.0.0.1:{silent.getsockname()[1]}/state?connect_timeout=2"
        with pytest.raises(JournalError, match="cannot be reached"):
            connect(url, "tests")


@pytest.mark.parametrize("url", ["postgresql://u:secret@h:port/d", "postgresql://u:secret@h/d?secret"])
def test_a_url_that_cannot_be_understood_is_not_repeated(url):
    with pytest.raises(JournalError, match=r"cannot be (understood|reached)") as caught:
        connect(url, "tests")
    assert "secret" not in f"{caught.value.message} {caught.value.hint}"


# --- whose tables are there


def test_of_several_that_come_first_one_makes_the_tables(store):
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: store.for_run().close(), range(4)))

    recorded(store)
    assert len(list(reader.events(store, b.RUN_ID))) == len(RUN)


@pytest.mark.parametrize("attempt", [register.listed, recorded, PostgresStore.look])
def test_another_program_s_schema_is_refused_and_left_alone(server, store, attempt):
    server.execute("CREATE SCHEMA enforcer CREATE TABLE something (x int)")

    with pytest.raises(JournalError, match="is not a journal"):
        attempt(store)
    assert server.execute("SELECT count(*) FROM pg_tables WHERE schemaname = 'enforcer'") == [(1,)]


@pytest.mark.parametrize("attempt", [register.listed, recorded, PostgresStore.look])
def test_a_newer_version_s_tables_are_refused(server, store, attempt):
    recorded(store)
    server.execute("UPDATE enforcer.journal_version SET version = 99")

    with pytest.raises(JournalError, match="has the schema version 99") as caught:
        attempt(store)
    assert "Use the version" in (caught.value.hint or "")


def test_an_older_version_s_tables_are_brought_up_to_date_whole_or_not_at_all(server, store, monkeypatch):
    recorded(store)
    later = ("ALTER TABLE run ADD COLUMN site text", "SELECT 1 / (SELECT count(*) - 1 FROM run)")
    monkeypatch.setattr(schema, "VERSION", 2)
    monkeypatch.setattr(schema, "_STEPS", (*schema._STEPS, later))
    columns = "SELECT count(*) FROM information_schema.columns WHERE table_name = 'run' AND column_name = 'site'"

    with pytest.raises(JournalError, match="division by zero"):
        store.for_run()
    assert server.execute(columns) == [(0,)]

    monkeypatch.setattr(schema, "_STEPS", (*schema._STEPS[:-1], later[:1]))
    recorded(store, b.entries(b.a_run_started(run_id="run-2")))
    assert server.execute(columns) == [(1,)]
    assert {row.run_id for row in register.listed(store)} == {b.RUN_ID, "run-2"}


def test_a_role_with_what_the_documents_give_it_can_do_all_and_one_without_is_told(server, store):
    for role in ("worker", "looker"):
        server.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'of-the-{role}'")
    as_worker, as_looker = (
        PostgresStore(server.url(user=role, password=f"of-the-{role}")) for role in ("worker", "looker")
    )
    try:
        with pytest.raises(JournalError, match="may not make the schema enforcer") as caught:
            as_worker.look()
        assert "docs/security.md" in (caught.value.hint or "")

        server.execute("CREATE SCHEMA enforcer AUTHORIZATION worker")
        assert as_worker.look() is False
        recorded(as_worker)
        overrides.amend(as_worker, lambda _: [])
        locks = as_worker.locks([PLACE], HOLDER)
        assert locks.take() is None
        assert [state.is_held for state in as_worker.lock_states()] == [True]
        locks.release()
        assert as_worker.look() is True

        server.execute("GRANT USAGE ON SCHEMA enforcer TO looker")
        server.execute("GRANT SELECT ON ALL TABLES IN SCHEMA enforcer TO looker")
        assert [row.run_id for row in register.listed(as_looker)] == [b.RUN_ID]
        assert len(as_looker.lock_states()) == 1
        with pytest.raises(JournalError, match="may not write to the tables"):
            as_looker.look()
        with pytest.raises(JournalError, match="permission denied"):
            overrides.amend(as_looker, lambda _: [Ended(at=NOW, by="z", override_id="a")])
    finally:
        as_worker.close()
        as_looker.close()
        server.empty()
        server.execute("DROP ROLE worker, looker")


# --- what is written


def test_a_character_that_the_server_cannot_keep_in_a_text_does_no_harm(store):
    recorded(store, b.entries(b.a_run_started(), b.a_change_planned("aa11", task_name="pay\x00\\u0000")))

    assert [entry.event for entry in reader.events(store, b.RUN_ID)][1].task_name == "pay\x00\\u0000"
    assert len(past(store, "aa11")) == 1


def test_what_is_pruned_goes_run_by_run_over_one_connection(server, store):
    for day in range(9):
        day_s = day * DAY_S
        recorded(
            store, [replace(entry, at=entry.at + day_s) for entry in b.entries(b.a_run_started(run_id=f"{day}"), END)]
        )
    server.execute("CREATE TABLE enforcer.gone AS SELECT pg_backend_pid() AS by, txid_current() AS with_it LIMIT 0")
    server.execute(
        "CREATE FUNCTION enforcer.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        "INSERT INTO enforcer.gone VALUES (pg_backend_pid(), txid_current()); RETURN NULL; END $$"
    )
    server.execute("CREATE TRIGGER note AFTER DELETE ON enforcer.run FOR EACH ROW EXECUTE FUNCTION enforcer.note()")

    assert prune(store, "nightly", b.STARTED_AT + 8 * DAY_S) == ("0", "1", "2", "3")
    assert server.execute("SELECT count(DISTINCT by), count(DISTINCT with_it) FROM enforcer.gone") == [(1, 4)]


def test_events_are_never_changed(store):
    recorded(store)

    with pytest.raises(JournalError, match="never changed"), store.writing() as connection:
        connection.execute("UPDATE event SET body = '{}'")


async def test_a_commit_that_is_not_answered_in_time_is_final_and_told(server, store):
    told: list[str] = []
    journal = JournalWriter(PostgresStore(f"{server.url()}?connect_timeout=3"), told.append)
    journal.emit(RUN[0])
    await journal.flushed()
    with server.paused():
        journal.emit(RUN[1])
        with pytest.raises(JournalError, match="cannot be written: no answer within 3 s"):
            await journal.flushed()
        with pytest.raises(JournalError):
            journal.close()

    assert len(told) == 1


# --- the lock's connection


def test_a_holder_whose_connection_is_lost_must_stop(server, store):
    store.for_run().close()
    locks = store.locks([PLACE], HOLDER)
    assert locks.take() is None
    assert locks.objection() is None
    server.execute("SELECT pg_terminate_backend(backend) FROM enforcer.project_lock")

    objection = locks.objection()

    assert objection.exit_code == ExitCode.IO
    assert "so another run may have begun" in objection.message
    assert locks.objection() is not None, "it stays lost"
    others = store.locks([PLACE], HOLDER)
    assert others.take() is None
    others.release()
    locks.release()


@contextlib.contextmanager
def pooler(port):
    """Pass on what is said to a server and back, with a cancellation key of one's own, as poolers do."""
    with socket.create_server(("127.0.0.1", 0)) as front:
        threading.Thread(target=_serve, args=(front, port), daemon=True).start()
        yield front.getsockname()[1]


def _serve(front, port):
    with contextlib.suppress(OSError):
        client, _ = front.accept()
        server = socket.create_connection(("127.0.0.1", port))
        with client, server:
            threading.Thread(target=_forward, args=(client, server), daemon=True).start()
            while (message := _message(server)) is not None:
                is_key = message[:1] == b"K"
                client.sendall(message[:5] + b"\x00\x00\x00\x07" + message[9:] if is_key else message)


def _forward(client, server):
    with contextlib.suppress(OSError):
        while data := client.recv(65536):
            server.sendall(data)


def _message(server):
    """Return one message of the server: a letter, its length, and so much."""
    head = _exactly(server, 5)
    return None if head is None else head + (_exactly(server, int.from_bytes(head[1:]) - 4) or b"")


def _exactly(server, count):
    data = b""
    while len(data) < count:
        more = server.recv(count - len(data))
        if not more:
            return None
        data += more
    return data
