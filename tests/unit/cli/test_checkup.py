"""What is found on this machine before anything is sent, and how diagnoses are shown."""

import pytest

from enforcer.cli.lookups import checkup
from enforcer.cli.state import Home
from enforcer.cli.tables import diagnoses
from enforcer.cli.tables.diagnoses import Diagnosis, Status
from enforcer.core.fold.verdict import gravest
from enforcer.errors import ExitCode
from enforcer.journal.sqlite.store import SqliteStore
from enforcer.journal.writer import JournalWriter
from enforcer.model.event import Entry
from tests import builders

HOUR = 3600.0
STARTED = 1_800_000_000.0


def found(state_dir, check, now=STARTED + HOUR):
    (diagnosis,) = (each for each in checkup.of_this_machine(Home(directory=state_dir), now) if each.check == check)
    return diagnosis


def recorded(state_dir, code=None):
    """Record a run that ended with *code*; None: it did not end."""
    with JournalWriter(SqliteStore(state_dir), print) as journal:
        journal.emit(Entry(seq=1, at=STARTED, event=builders.a_run_started()))
        if code is not None:
            journal.emit(Entry(seq=2, at=STARTED + 60, event=builders.a_run_finished(code)))
    return state_dir


def test_a_state_directory_that_is_yet_to_be_made_is_in_order(tmp_path):
    assert found(tmp_path / "new" / "state", "state").status is Status.OK
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_of_the_state_directory_stops_a_run(tmp_path):
    (tmp_path / "file").touch()

    diagnosis = found(tmp_path / "file" / "state", "state")

    assert (diagnosis.status, diagnosis.exit_code) == (Status.FAIL, ExitCode.IO)
    assert "--state-dir" in diagnosis.hint


def test_others_who_may_write_stop_a_run(tmp_path):
    tmp_path.chmod(0o770)

    diagnosis = found(tmp_path, "state")

    assert (diagnosis.status, diagnosis.exit_code) == (Status.FAIL, ExitCode.IO)
    assert f"chmod go-w {tmp_path}" in diagnosis.hint


def test_a_state_directory_that_is_fit_gets_nothing_new(tmp_path):
    tmp_path.chmod(0o700)

    assert found(tmp_path, "state").status is Status.OK
    assert list(tmp_path.iterdir()) == []


def test_no_run_yet_is_in_order(tmp_path):
    assert found(tmp_path, "last run").status is Status.OK


@pytest.mark.parametrize(
    ("code", "age_s", "status", "words"),
    [
        (ExitCode.OK, HOUR, Status.OK, "1 h ago"),
        (ExitCode.OK, 27 * HOUR, Status.WARN, "timer"),
        (ExitCode.PARTIAL, HOUR, Status.WARN, "3 partial"),
        (None, HOUR, Status.WARN, "it died"),
    ],
)
def test_the_last_run_is_told(tmp_path, code, age_s, status, words):
    diagnosis = found(recorded(tmp_path, code), "last run", STARTED + age_s)

    assert diagnosis.status is status
    assert words in f"{diagnosis.message} {diagnosis.hint}"
    assert diagnosis.exit_code is ExitCode.OK


def test_a_journal_that_is_none_stops_a_run(tmp_path):
    (tmp_path / "journal.db").write_text("not a database, and long enough to be looked at as one" * 10)

    assert found(tmp_path, "last run").exit_code is ExitCode.IO


def test_the_text_has_a_line_for_each_and_what_to_do_below():
    text = diagnoses.as_text(
        [
            Diagnosis(check="state", message="fine"),
            Diagnosis(check="clock", target="eu\x1b[1m", status=Status.WARN, message="off", hint="Set it."),
        ]
    )

    assert text.splitlines() == [
        "ok    state             fine",
        r"warn  eu\x1b[1m: clock  off",
        "                        Set it.",
        "",
        "Nothing would stop a run. 1 of 2 should be looked at.",
    ]


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        ([], ExitCode.OK),
        ([0, 69], ExitCode.UNAVAILABLE),
        ([69, 78], ExitCode.CONFIG),
        ([78, 77, 69], ExitCode.DENIED),
        ([77, 74], ExitCode.IO),
    ],
)
def test_the_gravest_code_counts(codes, expected):
    assert gravest(codes) is expected
