"""Who is told of a run, and how often: a run whose journal broke above all, and nothing twice on one terminal."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from msgspec.structs import replace

from enforcer.cli.runs import telling
from enforcer.cli.runs.applying import Outcome
from enforcer.cli.runs.errands import Errand
from enforcer.cli.state import Home
from enforcer.cli.targets import Connection
from enforcer.cli.wiring.cloud import Cloud
from enforcer.core.fold.summary import fold, unrecorded
from enforcer.errors import ExitCode, JournalError
from enforcer.model.event import Entry, NotificationFailed, NotificationSent
from enforcer.model.notify import Notify
from tests.builders import RUN_ID, STARTED_AT, a_run_finished, a_run_started, entries
from tests.inbox import inbox
from tests.wishes import a_policy

KEYS = {"HUAWEICLOUD_SDK_AK": "a", "HUAWEICLOUD_SDK_SK": "b"}
BROKEN = JournalError("the journal cannot be written: disk I/O error")


@dataclass
class Log:
    """A log that remembers."""

    is_for_people: bool = False
    kinds: list[str] = field(default_factory=list)

    def take(self, entries: Sequence[Entry]) -> None:
        self.kinds += [entry.event.kind for entry in entries]

    def progress(self, _at, _status) -> None:
        """Nothing here takes long."""


@pytest.fixture
def errand(tmp_path):
    return Errand(
        run_id=RUN_ID,
        began_at=STARTED_AT,
        command="apply",
        policy=replace(a_policy().policy, notify=Notify.CHANGE),
        policy_path=Path("nightly.yaml"),
        wish=lambda: pytest.fail("the run is over"),
        only=(),
        places=(),
        cloud=Cloud(Connection(), KEYS),
        home=Home(directory=tmp_path / "state"),
        settle_s=0,
    )


def an_outcome(**fields):
    report = fold(entries(a_run_started(), a_run_finished()))
    return Outcome(code=ExitCode.OK, report=report, **fields)


def a_broken_one():
    known = unrecorded(fold(entries(a_run_started())), BROKEN)
    return Outcome(code=BROKEN.exit_code, report=known, error=BROKEN, is_recorded=False)


def test_a_run_whose_journal_broke_is_told_and_not_added_to(errand, capsys):
    log = Log()
    with inbox() as found:
        telling.tell(errand, a_broken_one(), log, {telling.URLS: found.url})

    (message,) = found.messages
    assert message["title"].endswith(", io")
    assert BROKEN.message in message["message"]
    assert log.kinds == [NotificationSent.kind]
    assert capsys.readouterr().err == "Told    JSON\n", "that nothing could be added is nobody's news"
    assert not errand.home.directory.exists()


def test_who_wants_to_be_told_never_is_not(errand):
    silent = replace(errand, policy=replace(errand.policy, notify=Notify.NEVER))
    with inbox() as found:
        telling.tell(silent, a_broken_one(), Log(), {telling.URLS: found.url})

    assert found.messages == []


@pytest.mark.parametrize(("is_for_people", "logged"), [(True, []), (False, [NotificationFailed.kind])])
def test_a_log_that_a_person_reads_says_nothing_again(errand, capsys, is_for_people, logged):
    log = Log(is_for_people=is_for_people)
    telling.tell(errand, a_broken_one(), log, {})

    assert log.kinds == logged
    assert capsys.readouterr().err.count("ENFORCER_NOTIFY_URLS is not set") == 1
